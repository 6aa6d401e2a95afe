using System.Globalization;
using System.Text.Json;
using Npgsql;
using Polling.AdminApi.AuditLog;
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
    ManualTriggerStore triggers, ManualHandover handover, TriggerStore store, AuditTrail audit, TimeProvider clock, ILogger<TriggerStart> logger)
{
    // So many ids stand in the audit log; all of them are the trigger's cards.
    private const int IdsShown = 20;

    public async Task<TriggerAnswer> StartAsync(TaskType type, ManualTriggerKind kind, IReadOnlyCollection<long> cards, CancellationToken cancellationToken) =>
        await StartAsync(await audit.RunAsync(
            Asked(new { TaskType = type.Name(), Cards = cards.Count, FirstCardIds = cards.Take(IdsShown) }),
            () => triggers.CreateAsync(type, kind, cards, clock.SaveTime(), cancellationToken), Made, cancellationToken));

    public async Task<TriggerAnswer> StartAsync(TaskType type, CardCondition condition, CancellationToken cancellationToken) =>
        await StartAsync(await audit.RunAsync(
            Asked(new { TaskType = type.Name(), Condition = JsonElement.Parse(ManualTriggerListing.ToJson(condition)) }),
            () => triggers.CreateAsync(type, ManualTriggerListing.ToJson(condition), clock.SaveTime(), cancellationToken), Made, cancellationToken));

    private static AuditedOperation Asked(object asked) => new("trigger", TriggerEndpoints.AuditSubject, null, asked);

    private static AuditedResult Made(long id) => new(null, id.ToString(CultureInfo.InvariantCulture));

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
