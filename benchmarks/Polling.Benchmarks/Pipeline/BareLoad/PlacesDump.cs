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
    private static readonly byte[] HashSet = "HSET"u8.ToArray();
    private static readonly byte[] SortedSetAdd = "ZADD"u8.ToArray();
    private const string Buckets = "polling:card:";
    private const string Schedules = "polling:schedule:";

    /// <summary>Reads it, a bounded part at a time, and writes it down as bare commands.</summary>
    /// <param name="redis">The Redis; nothing may change in it meanwhile.</param>
    /// <param name="single">Takes one command for each card and each place, in the order in which initialisation meets them: by the cards' ids.</param>
    /// <param name="grouped">
    /// Takes the same in commands that name a whole bucket of the cache, or 500 places of an account, in the order that a sorted set takes best: by due time.
    /// </param>
    public static async Task<PlacesDump> WriteAsync(IConnectionMultiplexer redis, RespFile single, RespFile grouped)
    {
        var (database, server) = (redis.GetDatabase(), redis.GetServers()[0]);
        var queues = TaskTypes.Polled.Select(type => (string)new RedisKeys(KeyLayout.Contract).Queue(type)!).ToHashSet();
        var (facts, places) = (new List<Entry>(), new List<Entry>());
        // A scan may tell a key twice.
        var seen = new HashSet<string>();
        await foreach (var page in server.KeysAsync(pattern: "polling:*", pageSize: KeysAPage).Select(key => (string)key!).Where(seen.Add).Chunk(KeysAPage))
        {
            var buckets = page.Where(IsBucket).ToArray();
            var contents = await Task.WhenAll(buckets.Select(key => database.HashGetAllAsync(key)));
            foreach (var (key, fields) in buckets.Zip(contents))
            {
                Entry[] entries = [.. fields.Select(field => new Entry(FirstCard(key) + (long)field.Name, key, Bytes(field.Name), Bytes(field.Value)))];
                Add(grouped, HashSet, key, entries);
                facts.AddRange(entries);
            }

            foreach (var key in page.Where(key => key.StartsWith(Schedules, StringComparison.Ordinal) || queues.Contains(key)))
            {
                for (var from = 0L; await database.SortedSetRangeByRankWithScoresAsync(key, from, from + MembersAPage - 1) is { Length: > 0 } members; from += MembersAPage)
                {
                    foreach (var some in members.Chunk(MembersACommand))
                    {
                        Entry[] entries = [.. some.Select(member => new Entry((long)member.Element, key, Score(member.Score), Bytes(member.Element)))];
                        Add(grouped, SortedSetAdd, key, entries);
                        places.AddRange(entries);
                    }
                }
            }
        }

        foreach (var (entry, name) in facts.Select(entry => (entry, HashSet)).Concat(places.Select(entry => (entry, SortedSetAdd))).OrderBy(e => e.entry.Card))
        {
            single.Add(name, Encoding.ASCII.GetBytes(entry.Key), entry.First, entry.Second);
        }

        return new PlacesDump(facts.Count, places.Count);
    }

    private static void Add(RespFile file, byte[] name, string key, Entry[] entries) =>
        file.Add([name, Encoding.ASCII.GetBytes(key), .. entries.SelectMany(entry => new[] { entry.First, entry.Second })]);

    private static long FirstCard(string bucket) => long.Parse(bucket[Buckets.Length..], CultureInfo.InvariantCulture) * RedisKeys.CardsPerBucket;

    // Beside the buckets there is a set of what has changed.
    private static bool IsBucket(string key) => key.StartsWith(Buckets, StringComparison.Ordinal) && char.IsAsciiDigit(key[Buckets.Length]);

    private static byte[] Bytes(RedisValue value) => (byte[])value!;

    private static byte[] Score(double score) => Encoding.ASCII.GetBytes(score.ToString("R", CultureInfo.InvariantCulture));

    // A field or member with its card, and the two arguments that set it.
    private readonly record struct Entry(long Card, string Key, byte[] First, byte[] Second);
}
