using System.Globalization;
using Polling.Core.Alerts.Webhooks;
using Polling.Core.Carriers;
using Polling.Core.Configuration;

namespace Polling.Core.Alerts.Rules;

/// <summary>A field of a rule that cannot be used.</summary>
/// <param name="Field">Its name as in the API and the table.</param>
/// <param name="Value">What it is; never a secret.</param>
/// <param name="Rule">What would be right.</param>
public readonly record struct AlertRuleProblem(string Field, string Value, string Rule)
{
    /// <summary>For a person.</summary>
    public string Message => $"{Field} is '{Value}'; it must be {Rule}";
}

/// <summary>
/// What a rule's fields may be. The API asks here before it saves a rule, schedulers ask again before they evaluate one: a restored table
/// may hold anything. Whether a webhook's host may be reached is asked apart (<see cref="WebhookUrl"/>, at the time of sending).
/// </summary>
public static class AlertRuleCheck
{
    /// <summary>The windows that statistics are kept over, seconds.</summary>
    public static IReadOnlyList<int> Windows { get; } = [60, 300, 3600];

    /// <summary>For messages.</summary>
    public const string WindowNames = "60, 300 or 3600";

    /// <summary>No count of cards, milliseconds or seconds that is meant is larger.</summary>
    public const double ThresholdMax = 1e15;

    /// <summary>Every broken rule; empty = it can be evaluated.</summary>
    public static IReadOnlyList<AlertRuleProblem> Check(AlertRule rule)
    {
        ArgumentNullException.ThrowIfNull(rule);
        var problems = new List<AlertRuleProblem>();
        Require(rule.Name.Trim().Length is > 0 and <= AlertRule.NameLengthMax, "name", rule.Name, $"1 to {AlertRule.NameLengthMax} characters");
        var type = AlertRuleType.Find(rule.RuleType);
        Require(type is not null, "rule_type", rule.RuleType, $"one of {AlertRuleType.Names}");
        Require(rule.TaskType is null || TaskTypes.TryParse(rule.TaskType, out _), "task_type", $"{rule.TaskType}", $"one of {TaskTypes.Names}, or null");
        Require(rule.TaskType is null || type is not { HasTask: false }, "task_type", $"{rule.TaskType}", $"null: {rule.RuleType} is not measured for a task type");
        Require(rule.AccountId is null or (>= 1 and <= CarrierAccount.IdMax), "account_id", Text(rule.AccountId), $"an integer from 1 to {CarrierAccount.IdMax}, or null");
        Require(rule.AccountId is null || type is not { HasAccount: false }, "account_id", Text(rule.AccountId), $"null: {rule.RuleType} is not measured for an account");
        Require(AlertComparison.All.Contains(rule.Comparison), "comparison", rule.Comparison, $"one of {AlertComparison.Names}");
        Require(Math.Abs(rule.Threshold) <= ThresholdMax, "threshold", Text(rule.Threshold), $"a number from {-ThresholdMax} to {ThresholdMax}");
        Seconds("for_seconds", rule.ForSeconds);
        Seconds("cooldown_seconds", rule.CooldownSeconds);
        Require(rule.MinSamples is >= 0 and <= AlertRule.MinSamplesMax, "min_samples", Text(rule.MinSamples), $"an integer from 0 to {AlertRule.MinSamplesMax}");
        Require(Windows.Contains(rule.WindowSeconds), "window_seconds", Text(rule.WindowSeconds), WindowNames);
        Require(rule.NotifyChannels.All(channel => channel == AlertChannels.Webhook), "notify_channels", string.Join(", ", rule.NotifyChannels), "[\"webhook\"] or []");
        CheckWebhook();
        return problems;

        void Seconds(string field, int value) =>
            Require(value is >= 0 and <= AlertRule.SecondsMax, field, Text(value), $"an integer from 0 to {AlertRule.SecondsMax}");

        void Require(bool holds, string field, string value, string what)
        {
            if (!holds)
            {
                problems.Add(new(field, value, what));
            }
        }

        void CheckWebhook()
        {
            Require(WebhookFormats.All.Contains(rule.WebhookFormat), "webhook_format", rule.WebhookFormat, $"one of {WebhookFormats.Names}");
            if (rule.WebhookUrl is { } url && WebhookUrl.Problem(url) is { } wrong)
            {
                problems.Add(new("webhook_url", WebhookUrl.Masked(url), wrong));
            }

            if (rule.WebhookSecret is { } secret && WebhookSecrets.Problem(rule.WebhookFormat, secret) is { } unfit)
            {
                problems.Add(new("webhook_secret", "(not shown)", unfit));
            }
        }
    }

    private static string Text(IConvertible? value) => value?.ToString(CultureInfo.InvariantCulture) ?? "";
}
