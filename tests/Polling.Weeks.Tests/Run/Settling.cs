using System.Diagnostics;
using System.Globalization;
using System.Text.Json.Nodes;
using Polling.Weeks.Tests.Checks;
using Polling.Weeks.Tests.Processes;
using StackExchange.Redis;

namespace Polling.Weeks.Tests.Run;

/// <summary>
/// Waits until what is due now is done: nothing due, queued, leased or asked for by hand, no suspension that can go on, no resume that is still to be asked for. What
/// waits for the time to pass (a retry, an account's pause, a job, a dead executor's lease) gets it: the clocks move on by little.
/// </summary>
internal sealed class Settling(WeeksSystem system, Books books, Action<string> log)
{
    private static readonly string[] Tasks = ["carddata", "package"];
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);

    // So long nothing happens, then it is waited for the time to pass; longer where somebody seems to be at it, for he may be waiting for an answer.
    private static readonly TimeSpan Still = TimeSpan.FromMilliseconds(40);
    private static readonly TimeSpan HeldStill = TimeSpan.FromMilliseconds(300);
    private static readonly TimeSpan LittleMove = TimeSpan.FromSeconds(5);

    // A card that got no usable answer is asked again after 30 s.
    private static readonly TimeSpan Retry = TimeSpan.FromSeconds(31);
    private const int RoundsMax = 30;
    private RedisKey[]? _schedules;
    private readonly Dictionary<string, TimeSpan> _waited = [];
    private int _moves;

    /// <summary>Waits until every card has its due times, or is on its way already.</summary>
    public Task PlacedAsync(int cards) => system.UntilAsync("placed", Patience, async () =>
    {
        foreach (var task in Tasks)
        {
            var schedules = (await SchedulesAsync()).Where(key => key.ToString().Contains($":{task}:", StringComparison.Ordinal));
            var placed = (await Task.WhenAll(schedules.Append($"polling:queue:{task}").Select(key => system.Redis.SortedSetLengthAsync(key)))).Sum();
            if (placed != cards)
            {
                _schedules = null;
                return $"{placed} of {cards} cards are placed for {task}";
            }
        }

        return null;
    });

    /// <summary>Waits until what is due is done.</summary>
    public async Task SettleAsync()
    {
        var (last, since, looked) = ("", Stopwatch.StartNew(), Stopwatch.StartNew());
        await system.UntilAsync("settled", Patience, async () =>
        {
            var (what, busy, isHeld) = await LookAsync();
            _waited[what] = _waited.GetValueOrDefault(what) + looked.Elapsed;
            looked.Restart();
            if (busy is null)
            {
                system.ForgetDead();
                return null;
            }

            if (busy != last)
            {
                last = busy;
                since.Restart();
            }
            else if (since.Elapsed > HeldStill && isHeld && system.HasDead)
            {
                await system.BuryAsync();
                since.Restart();
            }
            else if (since.Elapsed > Still && !isHeld)
            {
                _moves++;
                await system.Clocks.AdvanceAsync(LittleMove);
                since.Restart();
            }

            return busy;
        });
    }

    /// <summary>Waits until, besides, every card has been read since a moment. What failed is asked again when its pause is over, who was left out is asked by hand.</summary>
    public async Task CompleteAsync(DateTimeOffset since)
    {
        for (var round = 0; ; round++)
        {
            await SettleAsync();
            var unread = await books.UnreadAsync(since);
            if (unread.Count == 0)
            {
                return;
            }

            Assert.True(round < RoundsMax, $"{unread.Count} cards cannot be read since {since:u}, the first of them card {unread[0].CardId}");
            var leftOut = unread.Where(card => !card.HasFailed || round > 2).Select(card => (JsonNode)card.CardId).ToArray();
            if (leftOut.Length > 0)
            {
                await AskByHandAsync(leftOut);
            }

            _moves++;
            await system.Clocks.AdvanceAsync(Retry);
        }
    }

    /// <summary>What was waited for since the last question, and how often the clocks were moved on by little.</summary>
    public string TakeReport()
    {
        var report = string.Join(", ", _waited.Select(wait => string.Create(CultureInfo.InvariantCulture, $"{wait.Key} {wait.Value.TotalMilliseconds:F0} ms"))
            .Append($"{_moves} little moves"));
        _waited.Clear();
        _moves = 0;
        return report;
    }

    private async Task AskByHandAsync(JsonNode[] cards)
    {
        log($"{cards.Length} cards are asked by hand");
        const string Path = "api/admin/polling-manual-trigger";
        var trigger = await system.Api.SendAsync(HttpMethod.Post, $"{Path}/batch", new() { ["card_ids"] = new JsonArray(cards), ["task_type"] = "carddata" });
        await system.UntilAsync("asked by hand", Patience, async () =>
            (string?)(await system.Api.GetAsync($"{Path}/{trigger["trigger_id"]}"))["state"] is "done" ? null : $"trigger {trigger["trigger_id"]}");
    }

    // What is to be done still, and whether somebody is at it: then the clocks must not be moved, for leases are by them.
    private async Task<(string What, string? Busy, bool IsHeld)> LookAsync()
    {
        var (redis, nowMs) = (system.Redis, system.Now.ToUnixTimeMilliseconds());
        var due = (await SchedulesAsync()).Select(key => redis.SortedSetLengthAsync(key, double.NegativeInfinity, nowMs));
        var waiting = Tasks.SelectMany(task => new[] { redis.SortedSetLengthAsync($"polling:queue:{task}"), redis.ListLengthAsync($"polling:manual:{task}") });
        var leased = Tasks.Select(task => redis.SortedSetLengthAsync($"polling:lease:{task}"));
        var counts = await Task.WhenAll([.. due, .. waiting, .. leased]);
        var held = counts[^1] + counts[^2];
        if (counts.Sum() > 0)
        {
            return (held > 0 ? "calls" : "queue", $"{counts.Sum() - held} due or queued, {held} calls leased", held > 0);
        }

        var outbox = await books.OutboxAsync(system.Now);
        if (outbox is { Held: 0, Due: 0, NextAt: { } next })
        {
            // Only pauses of suspensions are left.
            _moves++;
            await system.Clocks.AdvanceAsync(next - system.Now + LittleMove);
        }

        return outbox is { Held: 0, Due: 0, NextAt: null, Unasked: 0 }
            ? ("end", null, false)
            : (outbox is { Held: 0, Due: 0, NextAt: null } ? "resumes" : "suspensions", outbox.ToString(), outbox.Held > 0);
    }

    // The accounts are the same from their making on.
    private async Task<RedisKey[]> SchedulesAsync() => _schedules ??=
    [
        .. (await Task.WhenAll(Tasks.Select(async task =>
            (await system.Redis.HashKeysAsync($"polling:accounts:{task}")).Select(account => (RedisKey)$"polling:schedule:{task}:{account}")))).SelectMany(keys => keys),
    ];
}
