using System.Net;
using Microsoft.Extensions.Configuration;

namespace Polling.ServiceDefaults.Production;

/// <summary>
/// Networks that webhooks may reach although they are not public are the receivers' own: not half of a private range, and not where a machine
/// answers itself (loopback) or a cloud answers its machines' questions about themselves (link-local), credentials among the answers.
/// </summary>
internal static class WebhookNetworks
{
    /// <summary>The setting.</summary>
    public const string Setting = "Polling:Webhooks:AllowedNetworks";

    private const int WidestIPv4 = 16;
    private const int WidestIPv6 = 48;

    // The first of IPv6 are "any" and loopback; 64:ff9b:… leads to any IPv4 address; then Azure's, Amazon's and Oracle's services for their machines.
    private static readonly IPNetwork[] Never =
    [
        .. new[]
        {
            "0.0.0.0/8", "127.0.0.0/8", "169.254.0.0/16", "168.63.129.16/32", "::/96", "64:ff9b::/96", "64:ff9b:1::/48", "fe80::/10", "fd00:ec2::254/128",
            "fd00:c1::a9fe:a9fe/128",
        }.Select(IPNetwork.Parse),
    ];

    public static string? Problem(IConfiguration configuration)
    {
        foreach (var text in configuration.GetSection(Setting).GetChildren().Select(child => child.Value))
        {
            // One that is no network is another's to report.
            if (!IPNetwork.TryParse(text, out var network))
            {
                continue;
            }

            if (Never.FirstOrDefault(never => Overlap(never, network)) is { PrefixLength: > 0 } never)
            {
                return $"{Setting} must not have \"{text}\", which reaches {never} (this machine, or its cloud's own services): name the receivers' networks only";
            }

            var widest = network.BaseAddress.GetAddressBytes().Length == 4 ? WidestIPv4 : WidestIPv6;
            if (network.PrefixLength < widest)
            {
                return $"{Setting} must not have \"{text}\", which is wider than /{widest}: name the receivers' networks only";
            }
        }

        return null;
    }

    private static bool Overlap(IPNetwork a, IPNetwork b) => a.Contains(b.BaseAddress) || b.Contains(a.BaseAddress);
}
