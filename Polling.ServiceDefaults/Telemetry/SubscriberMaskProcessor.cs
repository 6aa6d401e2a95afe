using OpenTelemetry;
using OpenTelemetry.Logs;
using Polling.ServiceDefaults.Logs;

namespace Polling.ServiceDefaults.Telemetry;

/// <summary>Masks msisdn and imsi in exported log records, as the log files do.</summary>
internal sealed class SubscriberMaskProcessor : BaseProcessor<LogRecord>
{
    public override void OnEnd(LogRecord data)
    {
        if (data.Attributes is not { } attributes || !attributes.Any(attribute => SubscriberMask.Applies(attribute.Key)))
        {
            return;
        }

        var masked = new List<KeyValuePair<string, object?>>(attributes.Count);
        foreach (var (key, value) in attributes)
        {
            if (value is null || !SubscriberMask.Applies(key))
            {
                masked.Add(new(key, value));
                continue;
            }

            var text = Convert.ToString(value, System.Globalization.CultureInfo.InvariantCulture) ?? "";
            var hidden = SubscriberMask.Mask(text);
            masked.Add(new(key, hidden));
            if (text.Length > 0)
            {
                data.FormattedMessage = data.FormattedMessage?.Replace(text, hidden, StringComparison.Ordinal);
            }
        }

        data.Attributes = masked;
    }
}
