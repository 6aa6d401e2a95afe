using System.Net;
using Microsoft.Extensions.Configuration;
using StackExchange.Redis;

namespace Polling.ServiceDefaults.Production;

/// <summary>What goes to Redis on another machine is encrypted, unless the operator says that the network between is his alone.</summary>
internal static class PlainTextRedis
{
    /// <summary>The setting that allows it.</summary>
    public const string Allow = "Polling:AllowPlainTextRedis";

    public static string? Problem(IConfiguration configuration)
    {
        var isAllowed = false;
        if (configuration[Allow] is { Length: > 0 } text && !bool.TryParse(text, out isAllowed))
        {
            return $"{Allow} is \"{text}\"; it must be true or false";
        }

        var (key, value) = NamedConnection.Find(configuration, "redis", "Aspire:StackExchange:Redis");
        return !isAllowed && Parse(value) is { Ssl: false } redis && redis.EndPoints.FirstOrDefault(end => !IsLoopback(end)) is { } other
            ? $"{key} must not lead to {EndPointCollection.ToString(other)} in plain text: add ssl=true, or set {Allow}=true (Polling__AllowPlainTextRedis=true) "
              + "if nobody else is on that network"
            : null;
    }

    private static bool IsLoopback(EndPoint end) => end switch
    {
        DnsEndPoint named => Loopback.Is(named.Host),
        IPEndPoint numbered => IPAddress.IsLoopback(numbered.Address),

        // A socket of this machine's file system.
        _ => true,
    };

    // One that is missing or wrong is another's to report.
    private static ConfigurationOptions? Parse(string? value)
    {
        try
        {
            return string.IsNullOrWhiteSpace(value) ? null : ConfigurationOptions.Parse(value);
        }
        catch (ArgumentException)
        {
            return null;
        }
    }
}
