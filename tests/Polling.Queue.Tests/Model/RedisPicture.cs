using System.Globalization;
using Polling.Core.Queue;
using Polling.Core.Queue.Claims;
using Polling.Core.Queue.Facts;
using Polling.Queue.Tests.Harness;
using StackExchange.Redis;

namespace Polling.Queue.Tests.Model;

/// <summary>Everything that the queue of the model's task type holds in Redis at one moment, and whether it is as it must be.</summary>
internal sealed class RedisPicture
{
    private const byte PlacedBit = 1;
    private const int ExpiryToleranceMs = 2_000;
    private readonly Dictionary<long, byte[]> _cache = [];
    private readonly List<(long Card, string Place)> _places = [];
    private Dictionary<string, string[]> _queue = [];
    private Dictionary<string, string> _chunks = [];
    private Dictionary<string, string> _calls = [];
    private Dictionary<string, long> _leases = [];
    private Dictionary<string, long> _permits = [];
    private Dictionary<string, string> _fair = [];
    private Dictionary<string, string> _minutes = [];
    private Dictionary<int, long> _manual = [];
    private string[] _marks = [];
    private int? _current;

    /// <summary>Permits that have not ended.</summary>
    public int PermitsHeld(long nowMs) => _permits.Count(p => p.Value > nowMs);

    public static async Task<RedisPicture> ReadAsync(TestQueue queue, IReadOnlyCollection<long> cards)
    {
        var (redis, keys, type) = (queue.Redis, queue.Keys, TestQueue.Type);
        var buckets = cards.Select(c => c / RedisKeys.CardsPerBucket).Distinct().ToArray();
        var cached = buckets.Select(b => redis.HashGetAllAsync(keys.CardBucket(type, b * RedisKeys.CardsPerBucket))).ToArray();
        var schedules = queue.Accounts.Select(a => redis.SortedSetRangeByRankAsync(keys.Schedule(type, a))).ToArray();
        var requests = queue.Accounts.Select(a => redis.ListLengthAsync(keys.ManualOf(type, a))).ToArray();
        var queued = redis.SortedSetRangeByRankWithScoresAsync(keys.Queue(type));
        var chunks = redis.HashGetAllAsync(keys.Chunks(type));
        var calls = redis.HashGetAllAsync(keys.Calls(type));
        var leases = redis.SortedSetRangeByRankWithScoresAsync(keys.Leases(type));
        var permits = redis.SortedSetRangeByRankWithScoresAsync(keys.Permits(type));
        var quarantine = redis.SortedSetRangeByRankAsync(keys.Quarantine(type));
        var fair = redis.HashGetAllAsync(keys.Fair(type));
        var minutes = redis.HashGetAllAsync(keys.StatisticsMinutes(type));
        var marks = redis.ListRangeAsync(keys.Manual(type));
        var current = redis.StringGetAsync(keys.ConcurrencyCurrent(type));

        var picture = new RedisPicture
        {
            _queue = (await queued).GroupBy(e => e.Score.ToString("F0", CultureInfo.InvariantCulture), e => (string)e.Element!).ToDictionary(g => g.Key, g => g.ToArray()),
            _chunks = ToText(await chunks),
            _calls = ToText(await calls),
            _leases = (await leases).ToDictionary(e => (string)e.Element!, e => (long)e.Score),
            _permits = (await permits).ToDictionary(e => (string)e.Element!, e => (long)e.Score),
            _fair = ToText(await fair),
            _minutes = ToText(await minutes),
            _marks = Array.ConvertAll(await marks, m => (string)m!),
            _current = (int?)await current,
        };
        for (var i = 0; i < buckets.Length; i++)
        {
            foreach (var entry in await cached[i])
            {
                picture._cache[buckets[i] * RedisKeys.CardsPerBucket + (long)entry.Name] = entry.Value!;
            }
        }

        for (var i = 0; i < queue.Accounts.Count; i++)
        {
            picture._places.AddRange((await schedules[i]).Select(c => ((long)c, $"schedule {queue.Accounts[i]}")));
            picture._manual[queue.Accounts[i]] = await requests[i];
        }

        picture._places.AddRange((await quarantine).Select(c => ((long)c, "quarantine")));
        picture._places.AddRange(picture._queue.SelectMany(q => q.Value.Select(c => (long.Parse(c, CultureInfo.InvariantCulture), $"queue {q.Key}"))));
        picture._places.AddRange(picture._calls.SelectMany(c => Cards(c.Key, c.Value).Select(card => (card, $"lease {c.Key}"))));
        return picture;
    }

    /// <summary>The first thing that is not as it must be, or null.</summary>
    public string? FindProblem(ModelState state, long nowMs) =>
        FindMisplaced(state) ?? FindUnbooked() ?? FindMiscounted(state, nowMs);

    // Each card that is polled is in exactly one place; one that is not polled any more may be on its way out.
    private string? FindMisplaced(ModelState state)
    {
        var places = _places.ToLookup(p => p.Card, p => p.Place);
        foreach (var (id, facts) in state.Cards)
        {
            var at = places[id].ToArray();
            var placed = (_cache[id][0] & PlacedBit) != 0;
            if (at.Length != (placed ? 1 : 0) || (!placed && !state.MayBeNowhere(CardFactsCodec.Unpack(id, _cache[id]))))
            {
                return $"card {id} ({facts.Status}, account {facts.AccountId}, {(placed ? "placed" : "not placed")}) is in {at.Length} places: {string.Join(", ", at)}";
            }
        }

        return places.Select(p => p.Key).FirstOrDefault(id => !state.Cards.ContainsKey(id)) is var stranger and not 0 ? $"card {stranger} does not exist" : null;
    }

    // Chunks name what is queued, and calls what is leased.
    private string? FindUnbooked()
    {
        if (!_leases.Keys.ToHashSet().SetEquals(_calls.Keys))
        {
            return $"leases {string.Join(", ", _leases.Keys)} but calls {string.Join(", ", _calls.Keys)}";
        }

        if (!_queue.Keys.ToHashSet().SetEquals(_chunks.Keys))
        {
            return $"queue {string.Join(", ", _queue.Keys)} but chunks {string.Join(", ", _chunks.Keys)}";
        }

        var wrong = _chunks.FirstOrDefault(c => !Cards("0:0:0", c.Value).Order().SequenceEqual(_queue[c.Key].Select(id => long.Parse(id, CultureInfo.InvariantCulture)).Order()));
        return wrong.Key is null ? null : $"the chunk {wrong.Key} says {wrong.Value}, queued are {string.Join(", ", _queue[wrong.Key])}";
    }

    private string? FindMiscounted(ModelState state, long nowMs)
    {
        // It expires with the last permit, by the server's own time.
        var held = _permits.Count;
        if (_current != held && (_current is not null || (held > 0 && _permits.Values.Max() > nowMs + ExpiryToleranceMs)))
        {
            return $"current is {_current?.ToString(CultureInfo.InvariantCulture) ?? "absent"}, permits are {held}";
        }

        foreach (var (account, requests) in _manual)
        {
            var queued = _chunks.Values.Count(p => p.StartsWith($"{account}|", StringComparison.Ordinal));
            var counted = int.Parse(_fair.GetValueOrDefault($"n:{account}", "0"), CultureInfo.InvariantCulture);
            if (queued != counted)
            {
                return $"account {account} has {queued} calls in the queue, counted are {counted}";
            }

            var marks = _marks.Count(m => m == account.ToString(CultureInfo.InvariantCulture));
            if (marks != requests)
            {
                return $"account {account} has {requests} requests waiting, {marks} marks";
            }
        }

        long Sum(string figure) => _minutes.Where(m => m.Key.EndsWith(":" + figure, StringComparison.Ordinal)).Sum(m => long.Parse(m.Value, CultureInfo.InvariantCulture));
        var counts = (Sum("success"), Sum("failed"), Sum("calls"));
        return counts == (state.Succeeded, state.Failed, state.Completed)
            ? null
            : $"statistics count (success, failed, calls) {counts}, there were {(state.Succeeded, state.Failed, state.Completed)}";
    }

    private static IEnumerable<long> Cards(string call, string payload) =>
        ClaimedCall.Parse(TestQueue.Type, 0, 0, call, payload).Cards.Select(c => c.CardId);

    private static Dictionary<string, string> ToText(HashEntry[] entries) => entries.ToDictionary(e => (string)e.Name!, e => (string)e.Value!);
}
