using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Polling.Core.Tests.Alerts;

/// <summary>
/// A receiver's check of a signature, written from the text of the Standard Webhooks specification 1.0 and sharing nothing with the code
/// under test: the header holds signatures "version,base64" with spaces between; v1 is HMAC-SHA256 over "id.timestamp.payload" with the
/// bytes that the secret holds in base64 after "whsec_"; a timestamp (seconds) may be five minutes off.
/// </summary>
internal static class StandardVerifier
{
    public static bool Accepts(string secret, IReadOnlyDictionary<string, string> headers, string payload, DateTimeOffset now)
    {
        if (!headers.TryGetValue("webhook-id", out var id) || !headers.TryGetValue("webhook-timestamp", out var timestamp)
            || !headers.TryGetValue("webhook-signature", out var signatures))
        {
            return false;
        }

        var seconds = long.Parse(timestamp, CultureInfo.InvariantCulture);
        if (Math.Abs(now.ToUnixTimeSeconds() - seconds) > 300)
        {
            return false;
        }

        using var hmac = IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, Convert.FromBase64String(secret.Replace("whsec_", "", StringComparison.Ordinal)));
        foreach (var part in new[] { id, ".", timestamp, ".", payload })
        {
            hmac.AppendData(Encoding.UTF8.GetBytes(part));
        }

        var expected = hmac.GetHashAndReset();
        return signatures.Split(' ').Select(signature => signature.Split(',')).Any(
            parts => parts is ["v1", var text] && CryptographicOperations.FixedTimeEquals(Convert.FromBase64String(text), expected));
    }
}
