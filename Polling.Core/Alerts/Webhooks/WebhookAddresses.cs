using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Options;

namespace Polling.Core.Alerts.Webhooks;

/// <summary>
/// Which addresses a webhook may be sent to: public ones, and those of the networks that the operator allowed. An operator names the
/// URL, so without this the system could be made to call what only its own network can reach (server-side request forgery).
/// </summary>
public sealed class WebhookAddresses(IOptions<WebhookOptions> options)
{
    // IANA's special-purpose registries (RFC 6890 and its updates), multicast and reserved space.
    private static readonly IPNetwork[] Closed4 = Parse(
        "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24", "192.0.2.0/24",
        "192.31.196.0/24", "192.52.193.0/24", "192.88.99.0/24", "192.168.0.0/16", "192.175.48.0/24", "198.18.0.0/15", "198.51.100.0/24",
        "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4",
        // Azure answers its machines' questions about themselves here.
        "168.63.129.16/32");

    // Of IPv6 only global unicast space is open at all, and of that not the protocol assignments (with Teredo, benchmarking, ORCHID),
    // documentation, and 6to4, which hides an IPv4 address.
    private static readonly IPNetwork Open6 = IPNetwork.Parse("2000::/3");
    private static readonly IPNetwork[] Closed6 = Parse("2001::/23", "2001:db8::/32", "2002::/16", "2620:4f:8000::/48", "3fff::/20");

    // A translator turns these into IPv4; where IPv4 is reached that way, the name server hands them out.
    private static readonly IPNetwork Nat64 = IPNetwork.Parse("64:ff9b::/96");

    private readonly IPNetwork[] _allowed = Parse(options.Value.AllowedNetworks);

    /// <summary>Whether a connection to the address may be made.</summary>
    public bool MayConnect(IPAddress address)
    {
        ArgumentNullException.ThrowIfNull(address);
        var real = address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
        return _allowed.Any(network => network.Contains(real)) || IsPublic(real);
    }

    private static bool IsPublic(IPAddress address)
    {
        if (address.AddressFamily == AddressFamily.InterNetwork)
        {
            return !Closed4.Any(network => network.Contains(address));
        }

        return Nat64.Contains(address)
            ? IsPublic(new IPAddress(address.GetAddressBytes().AsSpan(12)))
            : Open6.Contains(address) && !Closed6.Any(network => network.Contains(address));
    }

    private static IPNetwork[] Parse(params string[] networks) => [.. networks.Select(IPNetwork.Parse)];
}
