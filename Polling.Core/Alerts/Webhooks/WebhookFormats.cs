namespace Polling.Core.Alerts.Webhooks;

/// <summary>The forms that a notice can have.</summary>
public static class WebhookFormats
{
    /// <summary>Standard Webhooks 1.0.</summary>
    public const string Standard = "standard";

    /// <summary>A group robot of WeCom (企业微信).</summary>
    public const string Wecom = "wecom";

    /// <summary>A group robot of DingTalk (钉钉).</summary>
    public const string Dingtalk = "dingtalk";

    /// <summary>A group robot of Feishu (飞书).</summary>
    public const string Feishu = "feishu";

    /// <summary>All of them.</summary>
    public static IReadOnlyList<string> All { get; } = [Standard, Wecom, Dingtalk, Feishu];

    /// <summary>For messages.</summary>
    public static string Names { get; } = string.Join(", ", All);
}
