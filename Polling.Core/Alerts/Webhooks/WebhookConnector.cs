using System.Net;
using System.Net.Sockets;

namespace Polling.Core.Alerts.Webhooks;

/// <summary>A webhook's host has an address that <see cref="WebhookAddresses"/> refuses. Nothing was connected.</summary>
public sealed class WebhookRefusedException(IPAddress address)
    : Exception($"{address} is not a public address; Polling:Webhooks:AllowedNetworks can allow its network");

/// <summary>
/// Makes every connection of webhooks. It resolves the name itself, checks each address, and connects to exactly what it checked, so that
/// a name which resolves to something else a moment later gains nothing.
/// </summary>
public sealed class WebhookConnector(WebhookAddresses addresses, Func<string, CancellationToken, Task<IPAddress[]>> resolve)
{
    private const int AddressesMax = 8;

    /// <summary>For <see cref="SocketsHttpHandler.ConnectCallback"/>.</summary>
    /// <exception cref="WebhookRefusedException">One of the host's addresses is not allowed.</exception>
    public async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(context);
        var (host, port) = (context.DnsEndPoint.Host, context.DnsEndPoint.Port);
        var found = IPAddress.TryParse(host, out var literal) ? [literal] : await resolve(host, cancellation);
        foreach (var address in found)
        {
            // One bad address is enough: whoever gives it among good ones hopes that it is tried.
            if (!addresses.MayConnect(address))
            {
                throw new WebhookRefusedException(address);
            }
        }

        SocketException? failure = null;
        foreach (var address in found.Take(AddressesMax))
        {
            var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            try
            {
                await socket.ConnectAsync(new IPEndPoint(address, port), cancellation);
                return new NetworkStream(socket, ownsSocket: true);
            }
            catch (SocketException e)
            {
                socket.Dispose();
                failure = e;
            }
            catch
            {
                socket.Dispose();
                throw;
            }
        }

        throw failure ?? new SocketException((int)SocketError.HostNotFound);
    }
}
