using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Polling.Core.Alerts.Webhooks;

/// <summary>One attempt of a delivery, composed for its receiver and signed with the time of the attempt.</summary>
/// <param name="Url">Where it is posted to.</param>
/// <param name="Body">JSON.</param>
/// <param name="Headers">What is sent beside the content type.</param>
public sealed record WebhookMessage(Uri Url, string Body, IReadOnlyDictionary<string, string> Headers)
{
    private static readonly JsonSerializerOptions Json = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Composes it.</summary>
    /// <param name="delivery">The delivery.</param>
    /// <param name="now">Time of the attempt.</param>
    public static WebhookMessage Of(AlertDelivery delivery, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(delivery);
        return delivery.Format switch
        {
            WebhookFormats.Wecom => Robot(new Uri(delivery.Url), new JsonObject { ["msgtype"] = "text", ["text"] = new JsonObject { ["content"] = Text() } }),
            WebhookFormats.Dingtalk => Robot(
                Signed(delivery.Url, delivery.Secret, now), new JsonObject { ["msgtype"] = "text", ["text"] = new JsonObject { ["content"] = Text() } }),
            WebhookFormats.Feishu => Robot(new Uri(delivery.Url), Feishu()),
            _ => Standard(delivery, now),
        };

        string Text() => AlertText.Of(delivery.Event, AlertNotice.Parse(delivery.Notice));

        JsonObject Feishu()
        {
            var body = new JsonObject();
            if (delivery.Secret is { } secret)
            {
                var seconds = now.ToUnixTimeSeconds();
                body["timestamp"] = seconds.ToString(CultureInfo.InvariantCulture);
                body["sign"] = WebhookSignatures.Feishu(secret, seconds);
            }

            body["msg_type"] = "text";
            body["content"] = new JsonObject { ["text"] = Text() };
            return body;
        }
    }

    private static WebhookMessage Robot(Uri url, JsonObject body) => new(url, body.ToJsonString(Json), new Dictionary<string, string>());

    private static WebhookMessage Standard(AlertDelivery delivery, DateTimeOffset now)
    {
        var body = new JsonObject
        {
            ["type"] = delivery.Event,
            ["timestamp"] = delivery.CreatedAt.ToUniversalTime().ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture),
            ["data"] = JsonNode.Parse(delivery.Notice),
        }.ToJsonString(Json);
        var seconds = now.ToUnixTimeSeconds();
        var headers = new Dictionary<string, string>
        {
            ["webhook-id"] = delivery.MessageId,
            ["webhook-timestamp"] = seconds.ToString(CultureInfo.InvariantCulture),
        };
        if (delivery.Secret is { } secret && WebhookSecrets.TryDecode(secret, out var key))
        {
            headers["webhook-signature"] = WebhookSignatures.Standard(key, delivery.MessageId, seconds, body);
        }

        return new WebhookMessage(new Uri(delivery.Url), body, headers);
    }

    private static Uri Signed(string url, string? secret, DateTimeOffset now)
    {
        if (secret is null)
        {
            return new Uri(url);
        }

        var milliseconds = now.ToUnixTimeMilliseconds();
        var builder = new UriBuilder(url);
        var query = new StringBuilder(builder.Query.TrimStart('?'));
        query.Append(query.Length > 0 ? "&" : "").Append(CultureInfo.InvariantCulture, $"timestamp={milliseconds}");
        query.Append("&sign=").Append(Uri.EscapeDataString(WebhookSignatures.Dingtalk(secret, milliseconds)));
        builder.Query = query.ToString();
        return builder.Uri;
    }
}
