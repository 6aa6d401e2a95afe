using Microsoft.Extensions.Logging;
using Polling.Core.Alerts.Webhooks;
using Polling.Core.Persistence.Alerts;

namespace Polling.Core.Alerts;

/// <summary>Sends what is due in the outbox. Schedulers and admin APIs all do: a notice that no scheduler is left must go out, too.</summary>
public sealed partial class AlertSender(AlertOutbox outbox, WebhookSender sender, TimeProvider clock, ILogger<AlertSender> logger)
{
    private const int Together = 8;
    private const int Gone = 410;

    /// <summary>Sends up to eight deliveries at once.</summary>
    /// <returns>How many there were; the same number again may wait.</returns>
    public async Task<int> RunOnceAsync(CancellationToken cancellation)
    {
        var deliveries = await outbox.TakeAsync(Together, cancellation);
        await Task.WhenAll(deliveries.Select(delivery => SendAsync(delivery, cancellation)));
        return deliveries.Count;
    }

    private async Task SendAsync(AlertDelivery delivery, CancellationToken cancellation)
    {
        var result = await sender.SendAsync(delivery, clock.GetUtcNow(), cancellation);
        var wait = RetrySchedule.After(delivery.Attempts, Random.Shared.NextDouble(), result.RetryAfter);
        var state = result.IsDelivered ? DeliveryState.Delivered
            : result.Status == Gone ? DeliveryState.Gone
            : wait is null ? DeliveryState.Failed
            : DeliveryState.Pending;
        await outbox.RecordAsync(delivery, state, result, wait ?? TimeSpan.Zero, cancellation);
        var target = WebhookUrl.Masked(delivery.Url);
        switch (state)
        {
            case DeliveryState.Delivered:
                LogDelivered(delivery.MessageId, delivery.Event, delivery.HistoryId, target, delivery.Attempts);
                break;
            case DeliveryState.Pending:
                LogRetried(delivery.MessageId, delivery.Event, delivery.HistoryId, target, delivery.Attempts, result.Failure, wait!.Value.TotalSeconds);
                break;
            default:
                LogGivenUp(delivery.MessageId, delivery.Event, delivery.HistoryId, target, delivery.Attempts, result.Failure);
                break;
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Notice {MessageId} ({Event} of history {HistoryId}) is delivered to {Target} at attempt {Attempt}")]
    private partial void LogDelivered(string messageId, string @event, long historyId, string target, int attempt);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Notice {MessageId} ({Event} of history {HistoryId}) to {Target} failed at attempt {Attempt}: {Failure}; it is tried again in {Seconds:F0} s")]
    private partial void LogRetried(string messageId, string @event, long historyId, string target, int attempt, string? failure, double seconds);

    [LoggerMessage(Level = LogLevel.Error, Message = "Notice {MessageId} ({Event} of history {HistoryId}) to {Target} is given up after attempt {Attempt}: {Failure}")]
    private partial void LogGivenUp(string messageId, string @event, long historyId, string target, int attempt, string? failure);
}
