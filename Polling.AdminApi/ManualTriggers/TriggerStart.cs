using Npgsql;
using Polling.AdminApi.Http;
using Polling.Core.Cards;
using Polling.Core.Configuration;
using Polling.Core.ManualTriggers;
using Polling.Core.Persistence.ManualTriggers;
using Polling.Core.Queue;
using Polling.Core.Queue.Manual;
using StackExchange.Redis;

namespace Polling.AdminApi.ManualTriggers;

/// <summary>Makes triggers, and takes their first step at once: so one card is asked within moments, whatever the schedulers do.</summary>
internal sealed partial class TriggerStart(
    ManualTriggerStore triggers, ManualHandover handover, TriggerStore store, TimeProvider clock, ILogger<TriggerStart> logger)
{
    public async Task<TriggerAnswer> StartAsync(TaskType type, ManualTriggerKind kind, IReadOnlyCollection<long> cards, CancellationToken cancellationToken) =>
        await StartAsync(await triggers.CreateAsync(type, kind, cards, clock.SaveTime(), cancellationToken));

    public async Task<TriggerAnswer> StartAsync(TaskType type, CardCondition condition, CancellationToken cancellationToken) =>
        await StartAsync(await triggers.CreateAsync(type, ManualTriggerListing.ToJson(condition), clock.SaveTime(), cancellationToken));

    // It is durable now: from here on a caller that goes away changes nothing.
    private async Task<TriggerAnswer> StartAsync(long id)
    {
        var trigger = (await store.FindAsync(id, CancellationToken.None))!;
        try
        {
            await handover.StepAsync(trigger, CancellationToken.None);
        }
        catch (Exception e) when (e is RedisException or TimeoutException or NpgsqlException or QueueEpochChangedException)
        {
            LogLater(logger, id, e.Message);
        }

        return await store.DescribeAsync((await store.FindAsync(id, CancellationToken.None))!, CancellationToken.None);
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Manual trigger {TriggerId} waits for a scheduler to begin: {Reason}")]
    private static partial void LogLater(ILogger logger, long triggerId, string reason);
}
