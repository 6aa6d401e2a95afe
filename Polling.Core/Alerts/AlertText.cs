using System.Globalization;
using System.Text;
using Polling.Core.Alerts.Rules;
using Polling.Core.Carriers;

namespace Polling.Core.Alerts;

/// <summary>A notice as the robots tell it, in Chinese; times are those of Shanghai, with the offset.</summary>
public static class AlertText
{
    private static readonly TimeZoneInfo Zone = TimeZoneInfo.FindSystemTimeZoneById(CarrierAccount.DefaultTimeZone);

    /// <summary>The text.</summary>
    /// <param name="kind">One of <see cref="AlertEvents"/>.</param>
    /// <param name="notice">What happened.</param>
    public static string Of(string kind, AlertNotice notice)
    {
        ArgumentNullException.ThrowIfNull(notice);
        var type = AlertRuleType.Find(notice.RuleType);
        var unit = type is null ? "" : $" {type.UnitText}";
        var text = new StringBuilder(kind switch
        {
            AlertEvents.Resolved => "【轮询系统】告警恢复",
            AlertEvents.Test => "【轮询系统】测试通知",
            _ => "【轮询系统】告警触发",
        });
        Line("规则", $"{notice.RuleName}（{type?.Title ?? notice.RuleType}）");
        Line("对象", Subject(notice.Subject));
        if (kind != AlertEvents.Test)
        {
            Line("当前值", $"{Number((kind == AlertEvents.Resolved ? notice.ResolveValue : null) ?? notice.Value)}{unit}");
        }

        Line("阈值", $"{notice.Comparison} {Number(notice.Threshold)}{unit}");
        if (notice.Samples > 0)
        {
            Line("样本数", Number(notice.Samples));
        }

        if (notice.Detail is { } detail)
        {
            Line("详情", detail);
        }

        Line(kind == AlertEvents.Test ? "时间" : "触发时间", Time(notice.TriggeredAt));
        if (kind == AlertEvents.Resolved && notice.ResolvedAt is { } resolved)
        {
            Line("恢复时间", Time(resolved));
            Line("恢复原因", Reason(notice.ResolveReason));
        }

        return text.ToString();

        void Line(string name, string value) => text.Append('\n').Append(name).Append('：').Append(value);
    }

    private static string Subject(string subject) => subject switch
    {
        "realname" => "实名检查（realname）",
        "carddata" => "流量检查（carddata）",
        "package" => "套餐检查（package）",
        _ => subject,
    };

    private static string Reason(string? reason) => reason switch
    {
        AlertResolveReasons.Disabled => "规则已停用",
        AlertResolveReasons.Deleted => "规则已删除",
        AlertResolveReasons.Changed => "规则已修改",
        _ => "指标恢复正常",
    };

    private static string Number(double value) => value.ToString("0.##", CultureInfo.InvariantCulture);

    private static string Time(DateTimeOffset at) =>
        TimeZoneInfo.ConvertTime(at, Zone).ToString("yyyy-MM-dd HH:mm:ss zzz", CultureInfo.InvariantCulture);
}
