using Microsoft.Extensions.Configuration;

namespace Polling.ServiceDefaults.Production;

/// <summary>Finds a connection string where the client packages do.</summary>
internal static class NamedConnection
{
    /// <returns>The key that it stands under, and its value; without one, where it belongs.</returns>
    public static (string Key, string? Value) Find(IConfiguration configuration, string name, params string[] sections)
    {
        var usual = $"ConnectionStrings:{name}";
        string[] keys = [usual, .. sections.SelectMany(section => new[] { $"{section}:{name}:ConnectionString", $"{section}:ConnectionString" })];
        var key = keys.FirstOrDefault(key => !string.IsNullOrWhiteSpace(configuration[key])) ?? usual;
        return (key, configuration[key]);
    }
}
