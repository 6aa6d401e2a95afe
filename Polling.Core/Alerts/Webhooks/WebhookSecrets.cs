using System.Diagnostics.CodeAnalysis;
using Polling.Core.Alerts.Rules;

namespace Polling.Core.Alerts.Webhooks;

/// <summary>What secrets look like.</summary>
public static class WebhookSecrets
{
    private const string Prefix = "whsec_";
    private const int BytesMin = 24;
    private const int BytesMax = 64;

    /// <summary>What is wrong with a secret for a format, as a rule ("a secret must be …"); null = nothing.</summary>
    public static string? Problem(string format, string secret)
    {
        ArgumentNullException.ThrowIfNull(secret);
        return format switch
        {
            WebhookFormats.Standard => TryDecode(secret, out _) ? null : $"\"{Prefix}\" and the base64 of {BytesMin} to {BytesMax} bytes",
            WebhookFormats.Wecom => "null: a WeCom robot has its key in the URL",
            _ => secret.Length is > 0 and <= AlertRule.SecretLengthMax ? null : $"1 to {AlertRule.SecretLengthMax} characters",
        };
    }

    /// <summary>The key of a Standard Webhooks secret.</summary>
    public static bool TryDecode(string secret, [NotNullWhen(true)] out byte[]? key)
    {
        ArgumentNullException.ThrowIfNull(secret);
        key = null;
        if (!secret.StartsWith(Prefix, StringComparison.Ordinal) || secret.Length > AlertRule.SecretLengthMax)
        {
            return false;
        }

        var bytes = new byte[AlertRule.SecretLengthMax];
        if (!Convert.TryFromBase64String(secret[Prefix.Length..], bytes, out var length) || length is < BytesMin or > BytesMax)
        {
            return false;
        }

        key = bytes[..length];
        return true;
    }
}
