using Polling.Core.Alerts;
using Polling.Core.Alerts.Rules;
using Polling.Core.Alerts.Webhooks;

namespace Polling.AdminApi.Alerts;

/// <summary>A rule that fired, or a test.</summary>
/// <param name="Id">Id.</param>
/// <param name="Kind">alert or test.</param>
/// <param name="State">firing or resolved.</param>
/// <param name="RuleId">The rule; it may be gone.</param>
/// <param name="RuleName">Its name then.</param>
/// <param name="RuleType">Its type then.</param>
/// <param name="Subject">The task type, account or whole that it was measured of.</param>
/// <param name="Comparison">Its comparison then.</param>
/// <param name="Threshold">Its threshold then.</param>
/// <param name="Unit">Of value and threshold.</param>
/// <param name="Value">What was measured; null for a test.</param>
/// <param name="Samples">How many checks it was taken from; 0 where nothing is counted.</param>
/// <param name="Detail">Such as which accounts.</param>
/// <param name="TriggeredAt">When it fired.</param>
/// <param name="ResolvedAt">When it was over; null = it still fires.</param>
/// <param name="ResolveValue">What was measured then.</param>
/// <param name="ResolveReason">recovered, rule_disabled, rule_deleted or rule_changed.</param>
/// <param name="Deliveries">The notices, the first one first.</param>
internal sealed record AlertHistoryAnswer(
    long Id,
    string Kind,
    string State,
    int RuleId,
    string RuleName,
    string RuleType,
    string Subject,
    string Comparison,
    double Threshold,
    string? Unit,
    double? Value,
    long Samples,
    string? Detail,
    DateTimeOffset TriggeredAt,
    DateTimeOffset? ResolvedAt,
    double? ResolveValue,
    string? ResolveReason,
    IReadOnlyList<AlertDeliveryAnswer> Deliveries)
{
    public static AlertHistoryAnswer Of(AlertHistoryEntry entry, IEnumerable<AlertDelivery> deliveries) => new(
        entry.Id, entry.Kind == AlertKind.Test ? "test" : "alert", entry.ResolvedAt is null ? "firing" : "resolved", entry.RuleId, entry.RuleName,
        entry.RuleType, entry.Subject, entry.Comparison, entry.Threshold, AlertRuleType.Find(entry.RuleType)?.Unit,
        entry.Kind == AlertKind.Test ? null : entry.Value, entry.Samples, entry.Detail, entry.TriggeredAt, entry.ResolvedAt, entry.ResolveValue,
        entry.ResolveReason, [.. deliveries.OrderBy(delivery => delivery.Id).Select(AlertDeliveryAnswer.Of)]);
}

/// <summary>A notice to a receiver.</summary>
/// <param name="Id">Id.</param>
/// <param name="MessageId">Its webhook-id.</param>
/// <param name="Event">alert.triggered, alert.resolved or alert.test.</param>
/// <param name="Channel">webhook.</param>
/// <param name="Format">standard, wecom, dingtalk or feishu.</param>
/// <param name="Url">Masked.</param>
/// <param name="State">pending, delivered, failed (given up) or gone (the receiver answered 410).</param>
/// <param name="Attempts">Attempts made.</param>
/// <param name="LastStatus">HTTP status of the last answer; null = there was none.</param>
/// <param name="LastFailure">Why the last attempt failed.</param>
/// <param name="LastAttemptAt">When it was last tried.</param>
/// <param name="NextAttemptAt">When it is tried next; null = no more.</param>
/// <param name="DeliveredAt">When the receiver took it.</param>
internal sealed record AlertDeliveryAnswer(
    long Id,
    string MessageId,
    string Event,
    string Channel,
    string Format,
    string Url,
    string State,
    int Attempts,
    int? LastStatus,
    string? LastFailure,
    DateTimeOffset? LastAttemptAt,
    DateTimeOffset? NextAttemptAt,
    DateTimeOffset? DeliveredAt)
{
    public static AlertDeliveryAnswer Of(AlertDelivery delivery) => new(
        delivery.Id, delivery.MessageId, delivery.Event, AlertChannels.Webhook, delivery.Format, WebhookUrl.Masked(delivery.Url),
        Name(delivery.State), delivery.Attempts, delivery.LastStatus, delivery.LastFailure, delivery.LastAttemptAt,
        delivery.State == DeliveryState.Pending ? delivery.NextAttemptAt : null, delivery.DeliveredAt);

    private static string Name(DeliveryState state) => state switch
    {
        DeliveryState.Pending => "pending",
        DeliveryState.Delivered => "delivered",
        DeliveryState.Gone => "gone",
        _ => "failed",
    };
}

/// <summary>A page of history, the newest first.</summary>
internal sealed record AlertHistoryPageAnswer(IReadOnlyList<AlertHistoryAnswer> Items, long Total, int Page, int PageSize);
