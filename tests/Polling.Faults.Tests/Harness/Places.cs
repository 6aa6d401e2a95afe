using System.Globalization;
using Polling.Core.Configuration;
using Polling.Core.Queue;
using Polling.Core.Queue.Claims;
using StackExchange.Redis;

namespace Polling.Faults.Tests.Harness;

/// <summary>One task type at one moment: where each card is, and which permits are held.</summary>
internal sealed class Places
{
    private readonly byte[] _count = new byte[Fleet.Cards + 1];

    private Places(TaskType type) => Type = type;

    public TaskType Type { get; }

    /// <summary>Calls that were handed out and are not completed.</summary>
    public required IReadOnlyList<ClaimedCall> Calls { get; init; }

    /// <summary>Names of the calls that have a lease; each has, and each lease has a call.</summary>
    public required IReadOnlySet<string> Leases { get; init; }

    public required int Queued { get; init; }

    public required int Quarantined { get; init; }

    /// <summary>Every member of the permit set, expired ones that nobody has removed yet included.</summary>
    public required IReadOnlySet<string> Permits { get; init; }

    /// <summary>Permits that have not expired.</summary>
    public required int PermitsHeld { get; init; }

    /// <summary>What <c>GET polling:concurrency:current</c> says; absent = 0.</summary>
    public required int Current { get; init; }

    public required int PermitsAllowed { get; init; }

    public int Missing => _count.AsSpan(1).Count((byte)0);

    public int Doubled { get; private set; }

    /// <summary>Cards that are in no place.</summary>
    public IEnumerable<long> MissingCards => Enumerable.Range(1, Fleet.Cards).Where(id => _count[id] == 0).Select(id => (long)id);

    /// <summary>What is wrong, or null when every card is in exactly one place and the permits are what is said of them.</summary>
    public string? Problem =>
        Doubled > 0 || Missing > 0 || Quarantined > 0
            ? $"{Type}: of {Fleet.Cards} cards {Missing} are in no place, {Doubled} in two, {Quarantined} in quarantine"
            : LeaseProblem ?? PermitProblem;

    /// <summary>A call without a lease is never put back, a lease without a call has forgotten its cards.</summary>
    public string? LeaseProblem => Leases.SetEquals(Calls.Select(call => call.Id))
        ? null
        : $"{Type}: {Calls.Count(call => !Leases.Contains(call.Id))} calls have no lease, {Leases.Except(Calls.Select(call => call.Id)).Count()} leases no call";

    /// <summary>What the executor with this process id holds, or null: after its end nothing may wait for a lease to expire.</summary>
    public string? LeftBy(int processId)
    {
        var calls = Calls.Count(call => call.Holder?.StartsWith(string.Create(CultureInfo.InvariantCulture, $"{Environment.MachineName}:{processId}:"), StringComparison.Ordinal) == true);
        return calls > 0 ? $"{Type}: {calls} calls of process {processId} are held" : null;
    }

    /// <summary>Permits whose call is gone: each is given back, at the latest, with its call.</summary>
    public int LonePermits => Permits.Except(Calls.Select(call => call.Id)).Count();

    // The figure ends with the last permit by itself; before that, it is the size of the set.
    public string? PermitProblem =>
        Current == Permits.Count || Current == PermitsHeld ? null : $"{Type}: {Permits.Count} permits are in the set ({PermitsHeld} unexpired), but current says {Current}";

    /// <summary>Reads everything in one step: one key after the other would see a card twice, or not at all, as it moves.</summary>
    public static async Task<Places> ReadAsync(IDatabase redis, RedisKeys keys, TaskType type)
    {
        var reading = redis.CreateTransaction();
        var time = reading.ExecuteAsync("TIME");
        var epoch = reading.HashGetAsync(keys.Epoch(type), "epoch");
        var schedules = Fleet.Accounts.Select(a => reading.SortedSetRangeByRankAsync(keys.Schedule(type, a.Id))).ToArray();
        var queue = reading.SortedSetRangeByRankAsync(keys.Queue(type));
        var calls = reading.HashGetAllAsync(keys.Calls(type));
        var leases = reading.SortedSetRangeByRankAsync(keys.Leases(type));
        var quarantine = reading.SortedSetRangeByRankAsync(keys.Quarantine(type));
        var permits = reading.SortedSetRangeByRankWithScoresAsync(keys.Permits(type));
        var current = reading.StringGetAsync(keys.ConcurrencyCurrent(type));
        var allowed = reading.StringGetAsync(keys.ConcurrencyConfig(type));
        if (!await reading.ExecuteAsync())
        {
            throw new InvalidOperationException("Redis refused to read.");
        }

        var epochNow = (long?)await epoch ?? 0;
        var leased = (await calls).Select(call => ClaimedCall.Parse(type, epochNow, 0, call.Name!, call.Value!)).ToArray();
        var nowMs = Milliseconds((RedisResult[])(await time)!);
        var held = await permits;
        var places = new Places(type)
        {
            Calls = leased,
            Leases = (await leases).Select(call => (string)call!).ToHashSet(),
            Queued = (await queue).Length,
            Quarantined = (await quarantine).Length,
            Permits = held.Select(permit => (string)permit.Element!).ToHashSet(),
            PermitsHeld = held.Count(permit => permit.Score > nowMs),
            Current = (int?)await current ?? 0,
            PermitsAllowed = (int?)await allowed ?? 0,
        };
        foreach (var schedule in schedules)
        {
            places.Add(await schedule);
        }

        places.Add(await queue);
        places.Add(await quarantine);
        foreach (var card in leased.SelectMany(call => call.Cards))
        {
            places.Add(card.CardId);
        }

        return places;
    }

    private static long Milliseconds(RedisResult[] time) =>
        long.Parse((string)time[0]!, CultureInfo.InvariantCulture) * 1000 + long.Parse((string)time[1]!, CultureInfo.InvariantCulture) / 1000;

    private void Add(RedisValue[] cards)
    {
        foreach (var card in cards)
        {
            Add((long)card);
        }
    }

    private void Add(long card)
    {
        if (++_count[card] == 2)
        {
            Doubled++;
        }
    }
}
