using System.Net;
using System.Text;
using Polling.Core.Alerts.Rules;

namespace Polling.Core.Alerts.Webhooks;

/// <summary>Where a webhook is sent: what it may be, and how it may be shown.</summary>
public static class WebhookUrl
{
    private const string Mask = "***";

    /// <summary>Longer path segments than words are: the robots' keys.</summary>
    private const int KeyLengthMin = 16;

    /// <summary>What is wrong with it, as a rule ("it must be …"); null = nothing. Says nothing about where its host is.</summary>
    public static string? Problem(string url)
    {
        ArgumentNullException.ThrowIfNull(url);
        return url.Length > AlertRule.UrlLengthMax ? $"at most {AlertRule.UrlLengthMax} characters"
            : !Uri.TryCreate(url, UriKind.Absolute, out var uri) || uri.Scheme is not ("http" or "https") || uri.Host.Length == 0 || !IsPrintable(url)
                ? "an absolute http or https URL"
            : uri.UserInfo.Length > 0 ? "without user and password"
            : uri.Port is < 1 or > 65535 ? "a URL with a port from 1 to 65535"
            : null;
    }

    /// <summary>
    /// Why the host can never be reached, as a rule; null = it has to be tried. Only what the URL itself says is looked at; a name's
    /// addresses are checked whenever it is connected to.
    /// </summary>
    public static string? HostProblem(string url, WebhookAddresses addresses)
    {
        ArgumentNullException.ThrowIfNull(addresses);
        var uri = new Uri(url);
        var host = uri.IdnHost.TrimEnd('.');
        if (!Ascii.IsValid(uri.Host))
        {
            // Resolvers take digits of other scripts, such as full-width ones, for what they look like.
            return "a host in ASCII; write other letters in Punycode (xn--)";
        }

        var isRefused = IPAddress.TryParse(host.Trim('[', ']'), out var address)
            ? !addresses.MayConnect(address)
            : IsLocalName(host) && !addresses.MayConnect(IPAddress.Loopback);
        return isRefused ? "a public address; others only when Polling:Webhooks:AllowedNetworks names them" : null;
    }

    /// <summary>As it may be shown and logged: without what may be a key, in its query or in its path.</summary>
    public static string Masked(string url)
    {
        ArgumentNullException.ThrowIfNull(url);
        if (!Uri.TryCreate(url, UriKind.Absolute, out var uri) || uri.Scheme is not ("http" or "https"))
        {
            return Mask;
        }

        var path = string.Join('/', uri.AbsolutePath.Split('/').Select(segment => segment.Length >= KeyLengthMin ? Mask : segment));
        var query = string.Join('&', uri.Query.TrimStart('?').Split('&').Select(field => field.Split('=')[0] + "=" + Mask));
        var isBare = uri.AbsolutePath == "/" && !url.Split('?', '#')[0].EndsWith('/');
        return $"{uri.Scheme}://{uri.Authority}{(isBare ? "" : path)}{(uri.Query.Length > 1 ? $"?{query}" : "")}";
    }

    // What browsers and resolvers take for this machine without asking anybody.
    private static bool IsLocalName(string host) =>
        host.Equals("localhost", StringComparison.OrdinalIgnoreCase) || host.EndsWith(".localhost", StringComparison.OrdinalIgnoreCase);

    private static bool IsPrintable(string url) => !url.Any(c => char.IsControl(c) || char.IsWhiteSpace(c) || char.IsSurrogate(c) || c == '\\');
}
