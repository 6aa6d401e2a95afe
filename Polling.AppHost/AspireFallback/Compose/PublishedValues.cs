namespace Polling.AppHost.AspireFallback.Compose;

/// <summary>
/// What the operator enters beside the Compose file, in <c>.env</c>. The file itself has placeholders only, and without a value Compose says which it lacks.
/// </summary>
internal sealed class PublishedValues
{
    private readonly SortedDictionary<string, (string? Value, string Comment)> _values = new(StringComparer.Ordinal);

    /// <summary>All of them: a name, what it is at first (<c>null</c>: the operator's to enter), and what it is for.</summary>
    public IEnumerable<(string Name, string? Value, string Comment)> All => _values.Select(value => (value.Key, value.Value.Value, value.Value.Comment));

    /// <summary>A value by the name of a parameter or of what it belongs to: <c>redis-password</c> becomes <c>REDIS_PASSWORD</c>.</summary>
    /// <returns>What stands for it in the file.</returns>
    public string Placeholder(string name, string? value, string comment)
    {
        var variable = NameOf(name);
        _values[variable] = (value, comment);
        return Of(variable);
    }

    /// <summary>What stands for a parameter.</summary>
    public string Placeholder(ParameterResource parameter) => Placeholder(
        parameter.Name, parameter.PublishValueAsDefault ? parameter.Value : null, parameter.Secret ? $"{parameter.Name}: a secret" : parameter.Name);

    /// <summary>A text that is to stay as it is.</summary>
    public static string Literal(string text) => text.Replace("$", "$$", StringComparison.Ordinal);

    private static string NameOf(string name) => name.Replace('-', '_').ToUpperInvariant();

    private static string Of(string variable) => $"${{{variable}:?enter {variable} in .env}}";
}
