using System.Globalization;
using StackExchange.Redis;

namespace Polling.Core.Queue.Epochs;

/// <summary>Reads what INFO says; as a plain command, since managed services and plain users may use no administrator's ones.</summary>
internal static class ServerFacts
{
    /// <summary>The id of a server's run; another one after each restart.</summary>
    public static async Task<string> RunIdAsync(IServer server) => (await ReadAsync(server, "server")).GetValueOrDefault("run_id", "");

    /// <summary>Whether Redis is a cluster, of whatever size.</summary>
    /// <exception cref="RedisConnectionException">No master is connected.</exception>
    public static async Task<bool> IsClusterAsync(IConnectionMultiplexer redis) =>
        (await ReadAsync(OwnerOf(redis, default), "cluster")).GetValueOrDefault("cluster_enabled") == "1";

    /// <summary>A section of INFO of each master that is connected, by field.</summary>
    /// <exception cref="RedisConnectionException">No master is connected.</exception>
    public static async Task<IReadOnlyList<IReadOnlyDictionary<string, string>>> ReadAllAsync(IConnectionMultiplexer redis, string section)
    {
        var masters = Array.FindAll(redis.GetServers(), server => server is { IsConnected: true, IsReplica: false });
        return masters.Length > 0 ? await Task.WhenAll(masters.Select(server => ReadAsync(server, section))) : throw NotConnected("No Redis master is connected.");
    }

    /// <summary>The master that holds a key; of one Redis, its master. Without a key, any one.</summary>
    /// <exception cref="RedisConnectionException">It is not connected.</exception>
    public static IServer OwnerOf(IConnectionMultiplexer redis, RedisKey key)
    {
        try
        {
            return redis.GetServer(key, flags: CommandFlags.DemandMaster);
        }
        catch (InvalidOperationException e)
        {
            throw NotConnected("The Redis master that holds the key is not connected.", e);
        }
    }

    /// <summary>The time of the master that holds a key.</summary>
    /// <exception cref="RedisConnectionException">It is not connected.</exception>
    public static async Task<DateTimeOffset> TimeAsync(IConnectionMultiplexer redis, RedisKey key)
    {
        var time = (RedisResult[])(await OwnerOf(redis, key).ExecuteAsync("TIME"))!;
        return DateTimeOffset.FromUnixTimeMilliseconds(Number(time[0]) * 1000 + Number(time[1]) / 1000);
    }

    private static async Task<IReadOnlyDictionary<string, string>> ReadAsync(IServer server, string section)
    {
        var text = (string?)await server.ExecuteAsync("INFO", section) ?? "";
        return text.Split('\n')
            .Select(line => line.Trim().Split(':', 2))
            .Where(parts => parts.Length == 2)
            .ToDictionary(parts => parts[0], parts => parts[1]);
    }

    private static long Number(RedisResult text) => long.Parse((string)text!, CultureInfo.InvariantCulture);

    private static RedisConnectionException NotConnected(string what, Exception? inner = null) =>
        new(ConnectionFailureType.UnableToConnect, what, inner);
}
