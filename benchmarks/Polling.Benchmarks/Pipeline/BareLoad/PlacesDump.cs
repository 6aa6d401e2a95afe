using System.Globalization;
using System.Text;
using Polling.Core.Configuration;
using Polling.Core.Queue;
using StackExchange.Redis;

namespace Polling.Benchmarks.Pipeline.BareLoad;

/// <summary>What initialisation has left in a Redis: the facts of each card, and its place for each task.</summary>
/// <param name="Cards">Cards whose facts are cached.</param>
/// <param name="Places">Cards in schedules and queues, of all tasks.</param>
internal sealed record PlacesDump(long Cards, long Places)
{
    private const int KeysAPage = 1_000;
    private const int MembersAPage = 10_000;

    // As many as go well in one command.
    private const int MembersACommand = 500;
    private const string Buckets = "polling:card:";
    private const string Schedules = "polling:schedule:";

    /// <summary>Reads it, a bounded part at a time, and writes it down as bare commands.</summary>
    /// <param name="redis">The Redis; nothing may change in it meanwhile.</param>
    /// <param name="single">Takes one command for each card and each place.</param>
    /// <param name="grouped">Takes the same in commands that name a whole bucket of the cache, or 500 places of an account.</param>
    public static async Task<PlacesDump> WriteAsync(IConnectionMultiplexer redis, RespFile single, RespFile grouped)
    {
        var (database, server) = (redis.GetDatabase(), redis.GetServers()[0]);
        var queues = TaskTypes.Polled.Select(type => (string)new RedisKeys(KeyLayout.Contract).Queue(type)!).ToHashSet();
        var (cards, places) = (0L, 0L);
        // A scan may tell a key twice.
        var seen = new HashSet<string>();
        await foreach (var page in server.KeysAsync(pattern: "polling:*", pageSize: KeysAPage).Select(key => (string)key!).Where(seen.Add).Chunk(KeysAPage))
        {
            var buckets = page.Where(IsBucket).ToArray();
            var contents = await Task.WhenAll(buckets.Select(key => database.HashGetAllAsync(key)));
            foreach (var (key, fields) in buckets.Zip(contents))
            {
                Add(single, grouped, "HSET"u8.ToArray(), key, [.. fields.Select(field => (Bytes(field.Name), Bytes(field.Value)))]);
                cards += fields.Length;
            }

            foreach (var key in page.Where(key => key.StartsWith(Schedules, StringComparison.Ordinal) || queues.Contains(key)))
            {
                for (var from = 0L; await database.SortedSetRangeByRankWithScoresAsync(key, from, from + MembersAPage - 1) is { Length: > 0 } members; from += MembersAPage)
                {
                    foreach (var some in members.Chunk(MembersACommand))
                    {
                        Add(single, grouped, "ZADD"u8.ToArray(), key, [.. some.Select(member => (Score(member.Score), Bytes(member.Element)))]);
                    }

                    places += members.Length;
                }
            }
        }

        return new PlacesDump(cards, places);
    }

    private static void Add(RespFile single, RespFile grouped, byte[] name, string key, (byte[], byte[])[] pairs)
    {
        var bytes = Encoding.ASCII.GetBytes(key);
        foreach (var (first, second) in pairs)
        {
            single.Add(name, bytes, first, second);
        }

        grouped.Add([name, bytes, .. pairs.SelectMany(pair => new[] { pair.Item1, pair.Item2 })]);
    }

    // Beside the buckets there is a set of what has changed.
    private static bool IsBucket(string key) => key.StartsWith(Buckets, StringComparison.Ordinal) && char.IsAsciiDigit(key[Buckets.Length]);

    private static byte[] Bytes(RedisValue value) => (byte[])value!;

    private static byte[] Score(double score) => Encoding.ASCII.GetBytes(score.ToString("R", CultureInfo.InvariantCulture));
}
