using Polling.AdminApi.Http;
using Polling.Core.Alerts.Rules;
using Polling.Core.Alerts.Webhooks;
using Polling.Core.Carriers;
using Polling.Core.Configuration;

namespace Polling.AdminApi.Alerts;

/// <summary>Reads a rule's fields from a request; those that are not sent keep their values.</summary>
internal static class AlertRuleFields
{
    private const string Name = "name";
    private const string RuleType = "rule_type";
    private const string Threshold = "threshold";
    private const string Channels = "notify_channels";
    private const string Url = "webhook_url";
    private const string Secret = "webhook_secret";
    private const string Format = "webhook_format";
    private static readonly string[] ReadOnly = ["id", "unit", "has_secret", "problems", "created_at", "updated_at"];

    private static readonly string[] Known =
    [
        Name, RuleType, "task_type", "account_id", "comparison", Threshold, "for_seconds", "min_samples", "window_seconds", "cooldown_seconds",
        "is_enabled", Channels, Url, Secret, Format,
    ];

    private static readonly string[] Meaning = [.. Known.Except([Name, "is_enabled"])];

    private static readonly string NameRule = $"1 to {AlertRule.NameLengthMax} characters";
    private static readonly string TypeRule = $"one of {AlertRuleType.Names}";
    private const string ThresholdRule = "a number from -1000000000000000 to 1000000000000000";

    public static Task<JsonBody> ReadAsync(HttpRequest request, Parameters parameters, CancellationToken cancellationToken) =>
        JsonBody.ReadAsync(request, parameters, ReadOnly, Known, cancellationToken);

    /// <summary>A new rule with the defaults of its type; refuses one that lacks a field.</summary>
    public static AlertRule New(JsonBody body)
    {
        body.Require(Name, NameRule);
        body.Require(RuleType, TypeRule);
        body.Require(Threshold, ThresholdRule);
        var rule = new AlertRule { Name = "", RuleType = "", Comparison = AlertComparison.Greater, IsEnabled = true };
        body.Text(RuleType, TypeRule, text =>
        {
            if (AlertRuleType.Find(text) is { } type)
            {
                (rule.Comparison, rule.MinSamples) = (type.Comparison, type.MinSamplesDefault);
            }

            // Apply says what is wrong.
            return true;
        });
        return rule;
    }

    public static void Apply(JsonBody body, Parameters parameters, AlertRule rule, WebhookAddresses addresses)
    {
        body.Text(Name, NameRule, text => Take(text.Trim(), value => rule.Name = value, text.Trim().Length is > 0 and <= AlertRule.NameLengthMax));
        body.Text(RuleType, TypeRule, text => Take(text, value => rule.RuleType = value, AlertRuleType.Find(text) is not null));
        body.TextOrNull("task_type", $"one of {TaskTypes.Names}, or null", text =>
        {
            rule.TaskType = text;
            return text is null || TaskTypes.TryParse(text, out _);
        });
        body.NumberOrNull<int>("account_id", 1, CarrierAccount.IdMax, id => rule.AccountId = id);
        body.Text("comparison", $"one of {AlertComparison.Names}", text =>
            Take(text, value => rule.Comparison = value, AlertComparison.All.Contains(text)));
        body.Decimal(Threshold, AlertRuleCheck.ThresholdMax, ThresholdRule, value => rule.Threshold = value);
        body.Number("for_seconds", 0, AlertRule.SecondsMax, seconds => rule.ForSeconds = seconds);
        body.Number("min_samples", 0, AlertRule.MinSamplesMax, samples => rule.MinSamples = samples);
        body.Number("window_seconds", 60, 3600, seconds => rule.WindowSeconds = seconds);
        body.Number("cooldown_seconds", 0, AlertRule.SecondsMax, seconds => rule.CooldownSeconds = seconds);
        body.Flag("is_enabled", value => rule.IsEnabled = value);
        body.Texts(Channels, 10, channels => rule.NotifyChannels = [.. channels.Distinct()]);
        body.Text(Format, $"one of {WebhookFormats.Names}", text =>
            Take(text, value => rule.WebhookFormat = value, WebhookFormats.All.Contains(text)));
        body.SecretOrNull(Secret, text => rule.WebhookSecret = text);

        // What an answer has may be sent back: the masked URL stands for the one that is kept.
        body.SecretOrNull(Url, text => rule.WebhookUrl = rule.WebhookUrl is { } kept && text == WebhookUrl.Masked(kept) ? kept : text);
        if (parameters.AreValid)
        {
            CheckWhole(body, parameters, rule, addresses);
        }
    }

    // What depends on several fields.
    private static void CheckWhole(JsonBody body, Parameters parameters, AlertRule rule, WebhookAddresses addresses)
    {
        // One that was restored with mistakes may be switched off as it is.
        foreach (var problem in rule.IsEnabled || body.HasAny(Meaning) ? AlertRuleCheck.Check(rule) : [])
        {
            parameters.Refuse(problem.Field, problem.Value, problem.Rule);
        }

        if (parameters.AreValid && body.Has(Url) && rule.WebhookUrl is { } url && WebhookUrl.HostProblem(url, addresses) is { } wrong)
        {
            parameters.Refuse(Url, WebhookUrl.Masked(url), wrong);
        }

        // Who asks for notices without saying where to has forgotten something. (The rules of a fresh installation have no URL either.)
        if (rule.WebhookUrl is null && rule.NotifyChannels.Length > 0 && body.HasAny(Channels, Url))
        {
            parameters.Refuse(Url, "null", "a URL, as notify_channels has webhook; without notices, set notify_channels to []");
        }
    }

    private static bool Take(string text, Action<string> take, bool isRight)
    {
        if (isRight)
        {
            take(text);
        }

        return isRight;
    }
}
