using StackExchange.Redis;

namespace Polling.Core.Queue.Epochs;

/// <summary>Reads what INFO says; as a plain command, since managed services and plain users may use no administrator's ones.</summary>
internal static class ServerFacts
{
    /// <summary>The id of Redis' run; another one after each restart.</summary>
    /// <exception cref="RedisConnectionException">No master is connected.</exception>
    public static async Task<string> RunIdAsync(IConnectionMultiplexer redis) =>
        (await ReadAsync(redis, "server")).GetValueOrDefault("run_id", "");

    /// <summary>A section of INFO, by field.</summary>
    /// <exception cref="RedisConnectionException">No master is connected.</exception>
    public static async Task<IReadOnlyDictionary<string, string>> ReadAsync(IConnectionMultiplexer redis, string section)
    {
        var server = redis.GetServers().FirstOrDefault(s => s is { IsConnected: true, IsReplica: false })
            ?? throw new RedisConnectionException(ConnectionFailureType.UnableToConnect, "No Redis master is connected.");
        var text = (string?)await server.ExecuteAsync("INFO", section) ?? "";
        return text.Split('\n')
            .Select(line => line.Trim().Split(':', 2))
            .Where(parts => parts.Length == 2)
            .ToDictionary(parts => parts[0], parts => parts[1]);
    }
}
