using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Polling.Core.Alerts.Webhooks;

/// <summary>The signatures of each format, all HMAC-SHA256 in base64.</summary>
public static class WebhookSignatures
{
    /// <summary>Standard Webhooks: over <c>id.timestamp.body</c>, with the key that the secret holds.</summary>
    /// <returns><c>v1,…</c></returns>
    public static string Standard(byte[] key, string id, long timestampSeconds, string body) =>
        "v1," + Sign(key, $"{id}.{timestampSeconds.ToString(CultureInfo.InvariantCulture)}.{body}");

    /// <summary>DingTalk: over time and secret, with the secret as the key; goes into the query.</summary>
    public static string Dingtalk(string secret, long timestampMs) =>
        Sign(Encoding.UTF8.GetBytes(secret), $"{timestampMs.ToString(CultureInfo.InvariantCulture)}\n{secret}");

    /// <summary>Feishu: over nothing, with time and secret as the key; goes into the body.</summary>
    public static string Feishu(string secret, long timestampSeconds) =>
        Sign(Encoding.UTF8.GetBytes($"{timestampSeconds.ToString(CultureInfo.InvariantCulture)}\n{secret}"), "");

    private static string Sign(byte[] key, string text) => Convert.ToBase64String(HMACSHA256.HashData(key, Encoding.UTF8.GetBytes(text)));
}
