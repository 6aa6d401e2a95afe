namespace Polling.Core.Alerts.Rules;

/// <summary>When operators want to be told. Table <c>tb_polling_alert_rule</c>.</summary>
/// <remarks>
/// Operators dump the table and restore it on its own, so it has no foreign keys, and what it holds is checked before it is used
/// (<see cref="AlertRuleCheck"/>): that is why names of types and comparisons are plain texts here.
/// </remarks>
public sealed class AlertRule
{
    public const int NameLengthMax = 100;

    public const int UrlLengthMax = 2000;

    public const int SecretLengthMax = 200;

    /// <summary>A week.</summary>
    public const int SecondsMax = 7 * 24 * 3600;

    public const long MinSamplesMax = 1_000_000_000;

    public const int CooldownSecondsDefault = 300;

    public const int WindowSecondsDefault = 300;

    public int Id { get; set; }

    public required string Name { get; set; }

    /// <summary>Name of an <see cref="AlertRuleType"/>.</summary>
    public required string RuleType { get; set; }

    /// <summary>Null = each task type, evaluated apart.</summary>
    public string? TaskType { get; set; }

    /// <summary>Null = all accounts together.</summary>
    public int? AccountId { get; set; }

    /// <summary>One of <see cref="AlertComparison.Names"/>: the rule is broken while "value comparison threshold" holds.</summary>
    public required string Comparison { get; set; }

    /// <summary>In the type's unit.</summary>
    public double Threshold { get; set; }

    /// <summary>It fires when it has been broken for so long without a break; 0 = at once.</summary>
    public int ForSeconds { get; set; }

    /// <summary>With fewer samples in the window there is no value, and without a value it never fires.</summary>
    public long MinSamples { get; set; }

    /// <summary>Which window the value is taken over; types of which a moment is measured don't look at it.</summary>
    public int WindowSeconds { get; set; } = WindowSecondsDefault;

    /// <summary>It does not fire again sooner than this after it last fired.</summary>
    public int CooldownSeconds { get; set; } = CooldownSecondsDefault;

    public bool IsEnabled { get; set; }

    /// <summary>Only <c>webhook</c> so far; empty = history and log only.</summary>
    public string[] NotifyChannels { get; set; } = [AlertChannels.Webhook];

    /// <summary>Robots have their key in it: it is shown masked only.</summary>
    public string? WebhookUrl { get; set; }

    /// <summary>Never shown.</summary>
    public string? WebhookSecret { get; set; }

    /// <summary>One of <see cref="Webhooks.WebhookFormats.Names"/>.</summary>
    public string WebhookFormat { get; set; } = Webhooks.WebhookFormats.Standard;

    public DateTimeOffset CreatedAt { get; set; }

    public DateTimeOffset UpdatedAt { get; set; }

    /// <summary>Whether anybody is sent a notice.</summary>
    public bool NotifiesWebhook => WebhookUrl is not null && NotifyChannels.Contains(AlertChannels.Webhook);
}

/// <summary>The ways in which people are told.</summary>
public static class AlertChannels
{
    public const string Webhook = "webhook";
}
