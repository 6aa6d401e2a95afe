using System.ComponentModel.DataAnnotations;
using Polling.Core.Alerts.Rules;
using Polling.Core.Alerts.Webhooks;
using Polling.Core.Carriers;

namespace Polling.AdminApi.Alerts;

/// <summary>An alert rule.</summary>
/// <param name="Id">Id.</param>
/// <param name="Name">Name.</param>
/// <param name="RuleType">What it looks at.</param>
/// <param name="TaskType">Null = each task type apart, or the type has none.</param>
/// <param name="AccountId">Null = all accounts.</param>
/// <param name="Comparison">It is broken while "value comparison threshold" holds.</param>
/// <param name="Threshold">In <paramref name="Unit"/>.</param>
/// <param name="Unit">cards, percent, ms, seconds or accounts; null for an unknown type.</param>
/// <param name="ForSeconds">It fires when broken for so long.</param>
/// <param name="MinSamples">With fewer it never fires.</param>
/// <param name="WindowSeconds">Window of the value.</param>
/// <param name="CooldownSeconds">It does not fire again sooner.</param>
/// <param name="IsEnabled">Whether it is evaluated.</param>
/// <param name="NotifyChannels">webhook, or none.</param>
/// <param name="WebhookUrl">Masked; the masked one may be sent back, it changes nothing.</param>
/// <param name="WebhookFormat">standard, wecom, dingtalk or feishu.</param>
/// <param name="HasSecret">Whether a secret is kept; it is never shown.</param>
/// <param name="Problems">Why it is not evaluated; empty = it can be.</param>
/// <param name="CreatedAt">When it was made.</param>
/// <param name="UpdatedAt">When it was last changed.</param>
internal sealed record AlertRuleAnswer(
    int Id,
    string Name,
    string RuleType,
    string? TaskType,
    int? AccountId,
    string Comparison,
    double? Threshold,
    string? Unit,
    int ForSeconds,
    long MinSamples,
    int WindowSeconds,
    int CooldownSeconds,
    bool IsEnabled,
    IReadOnlyList<string> NotifyChannels,
    string? WebhookUrl,
    string WebhookFormat,
    bool HasSecret,
    IReadOnlyList<string> Problems,
    DateTimeOffset CreatedAt,
    DateTimeOffset UpdatedAt)
{
    public static AlertRuleAnswer Of(AlertRule rule) => new(
        rule.Id, rule.Name, rule.RuleType, rule.TaskType, rule.AccountId, rule.Comparison,

        // A restored table may hold what JSON has no number for.
        double.IsFinite(rule.Threshold) ? rule.Threshold : null,
        AlertRuleType.Find(rule.RuleType)?.Unit, rule.ForSeconds, rule.MinSamples, rule.WindowSeconds, rule.CooldownSeconds, rule.IsEnabled,
        rule.NotifyChannels, rule.WebhookUrl is { } url ? Core.Alerts.Webhooks.WebhookUrl.Masked(url) : null, rule.WebhookFormat,
        rule.WebhookSecret is not null, [.. AlertRuleCheck.Check(rule).Select(problem => problem.Message)], rule.CreatedAt, rule.UpdatedAt);
}

/// <summary>A page of rules, in the order of their ids.</summary>
internal sealed record AlertRulePageAnswer(IReadOnlyList<AlertRuleAnswer> Items, long Total, int Page, int PageSize);

/// <summary>What may be sent of a rule; what an update leaves out keeps its value.</summary>
/// <param name="Name">1 to 100 characters.</param>
/// <param name="RuleType">queue_backlog, success_rate, avg_duration, concurrency_usage, lateness, init_stalled, quota_exhausted, breaker_open, quarantine, suspension_breaker or scheduler_absent.</param>
/// <param name="TaskType">realname, carddata, package; null = each of them apart. Only where the type is measured by task type.</param>
/// <param name="AccountId">A carrier account; null = all. Only where the type can be measured for an account.</param>
/// <param name="Comparison">How the value is compared with the threshold; by default below for success_rate, above for the others.</param>
/// <param name="Threshold">In the type's unit.</param>
/// <param name="ForSeconds">0 to 604800, default 0: it fires as soon as it is broken.</param>
/// <param name="MinSamples">0 to 1000000000; default 10 for success_rate and avg_duration, else 0.</param>
/// <param name="WindowSeconds">60, 300 or 3600; default 300.</param>
/// <param name="CooldownSeconds">0 to 604800, default 300.</param>
/// <param name="IsEnabled">Default true.</param>
/// <param name="NotifyChannels">["webhook"], the default, or [].</param>
/// <param name="WebhookUrl">http or https, to a public address; null = nobody is sent a notice.</param>
/// <param name="WebhookSecret">Write-only. standard: "whsec_" and base64 of 24 to 64 bytes; dingtalk, feishu: the robot's; null = none.</param>
/// <param name="WebhookFormat">standard (default), wecom, dingtalk or feishu.</param>
internal sealed record AlertRuleChange(
    [property: StringLength(AlertRule.NameLengthMax, MinimumLength = 1)] string? Name,
    [property: AllowedValues(
        "queue_backlog", "success_rate", "avg_duration", "concurrency_usage", "lateness", "init_stalled", "quota_exhausted", "breaker_open", "quarantine",
        "scheduler_absent")]
    string? RuleType,
    string? TaskType,
    [property: Range(1, CarrierAccount.IdMax)] int? AccountId,
    [property: AllowedValues(">", ">=", "<", "<=", "==", "!=")] string? Comparison,
    [property: Range(-AlertRuleCheck.ThresholdMax, AlertRuleCheck.ThresholdMax)] double? Threshold,
    [property: Range(0, AlertRule.SecondsMax)] int? ForSeconds,
    [property: Range(0, (int)AlertRule.MinSamplesMax)] long? MinSamples,
    [property: AllowedValues(60, 300, 3600)] int? WindowSeconds,
    [property: Range(0, AlertRule.SecondsMax)] int? CooldownSeconds,
    bool? IsEnabled,
    [property: MaxLength(10)] IReadOnlyList<string>? NotifyChannels,
    [property: StringLength(AlertRule.UrlLengthMax)] string? WebhookUrl,
    [property: StringLength(AlertRule.SecretLengthMax)] string? WebhookSecret,
    [property: AllowedValues(WebhookFormats.Standard, WebhookFormats.Wecom, WebhookFormats.Dingtalk, WebhookFormats.Feishu)] string? WebhookFormat);

/// <summary>A test notice is on its way.</summary>
/// <param name="HistoryId">The entry of history that tells what becomes of it.</param>
internal sealed record AlertTestAnswer(long HistoryId);
