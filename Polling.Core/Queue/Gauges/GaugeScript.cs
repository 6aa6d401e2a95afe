using Polling.Core.Configuration;
using Polling.Core.Queue.Lateness;
using Polling.Core.Queue.Scripts;
using StackExchange.Redis;

namespace Polling.Core.Queue.Gauges;

/// <summary>The true figures of a task type at one moment.</summary>
/// <param name="DueTotal">Cards due and not done, whatever they wait for.</param>
/// <param name="Queued">Cards admitted and not claimed.</param>
/// <param name="Leased">Cards claimed and not completed.</param>
/// <param name="PermitsHeld">Permits held.</param>
/// <param name="PermitsAllowed">Permits allowed.</param>
/// <param name="OldestDue">The oldest due time that still waits in a schedule, or null.</param>
/// <param name="Scheduled">Cards in the schedules.</param>
/// <param name="Success">Successful checks in the window.</param>
/// <param name="Failed">Failed checks in the window.</param>
public sealed record QueueFigures(
    long DueTotal, long Queued, long Leased, int PermitsHeld, int PermitsAllowed, DateTimeOffset? OldestDue, long Scheduled, long Success, long Failed)
{
    /// <summary>Cards that are due and in a schedule, by what they wait for.</summary>
    public required IReadOnlyDictionary<LatenessCause, long> DueFor { get; init; }

    /// <summary>
    /// Cards that are due and in no call yet, by what they wait for: those in the schedules, and those in the queue, which wait for a permit when all are
    /// held, else for an executor. With <see cref="Leased"/> they are <see cref="DueTotal"/>.
    /// </summary>
    public IEnumerable<KeyValuePair<LatenessCause, long>> WaitingFor
    {
        get
        {
            var queuedFor = PermitsHeld >= PermitsAllowed ? LatenessCause.Permit : LatenessCause.Worker;
            return DueFor.Select(due => KeyValuePair.Create(due.Key, due.Value + (due.Key == queuedFor ? Queued : 0)));
        }
    }
}

/// <summary>Writes the contract's figures (<c>polling:stats:*</c>, <c>polling:concurrency:current:*</c>) from the true sizes.</summary>
public sealed class GaugeScript(ScriptRunner scripts, RedisKeys keys)
{
    /// <summary>The window that the contract's statistics cover.</summary>
    public static readonly TimeSpan Window = TimeSpan.FromHours(1);

    // In the order of the script's answer.
    private static readonly LatenessCause[] Causes =
        [LatenessCause.Quota, LatenessCause.Breaker, LatenessCause.Permit, LatenessCause.Worker, LatenessCause.Backlog];

    private const int CausesAt = 11;

    /// <summary>Writes and returns the figures.</summary>
    /// <param name="type">Task type.</param>
    /// <param name="accountIds">All accounts.</param>
    public async Task<QueueFigures> PublishAsync(TaskType type, IReadOnlyCollection<int> accountIds)
    {
        RedisKey[] all =
        [
            keys.Statistics(type), keys.StatisticsMinutes(type), keys.Queue(type), keys.Leases(type), keys.Permits(type),
            keys.ConcurrencyCurrent(type), keys.ConcurrencyConfig(type), keys.Fair(type), .. accountIds.Select(a => keys.Schedule(type, a)),
        ];
        var reply = (long[])(await scripts.RunAsync("gauge", all, [(int)Window.TotalMinutes, .. accountIds.Select(a => (RedisValue)a)]))!;
        var oldest = reply[5] == 0 ? (DateTimeOffset?)null : DateTimeOffset.FromUnixTimeMilliseconds(reply[5]);
        return new QueueFigures(reply[0], reply[1], reply[2], (int)reply[3], (int)reply[4], oldest, reply[6], reply[7], reply[8])
        {
            DueFor = Causes.Select((cause, i) => (cause, Due: reply[CausesAt + i])).ToDictionary(due => due.cause, due => due.Due),
        };
    }
}
