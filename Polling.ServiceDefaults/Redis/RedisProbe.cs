using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;

namespace Polling.ServiceDefaults;

/// <summary>Finds out what a port speaks that the client got no answer from. Nothing secret is sent; a port that does not answer in time speaks neither.</summary>
internal static class RedisProbe
{
    /// <summary>Whether it answers a question in plain text.</summary>
    public static Task<bool> SpeaksPlainlyAsync(EndPoint end, CancellationToken cancellationToken) => AskAsync(
        end,
        async (stream, cancellation) =>
        {
            await stream.WriteAsync("PING\r\n"u8.ToArray(), cancellation);
            var answer = new byte[1];
            return await stream.ReadAsync(answer, cancellation) > 0 && answer[0] is ((byte)'+' or (byte)'-');
        },
        cancellationToken);

    /// <summary>Whether it answers a greeting by TLS with a certificate, of whomever.</summary>
    public static Task<bool> SpeaksTlsAsync(EndPoint end, CancellationToken cancellationToken) => AskAsync(
        end,
        async (stream, cancellation) =>
        {
            var isShown = false;
            await using var tls = new SslStream(stream, leaveInnerStreamOpen: true);
            var options = new SslClientAuthenticationOptions
            {
                TargetHost = (end as DnsEndPoint)?.Host ?? "",
                RemoteCertificateValidationCallback = (_, certificate, _, _) =>
                {
                    isShown = certificate is not null;
                    return false;
                },
            };
            try
            {
                await tls.AuthenticateAsClientAsync(options, cancellation);
            }
            catch (AuthenticationException)
            {
                // Seen is enough.
            }

            return isShown;
        },
        cancellationToken);

    private static async Task<bool> AskAsync(EndPoint end, Func<NetworkStream, CancellationToken, Task<bool>> ask, CancellationToken cancellationToken)
    {
        if (end is not (DnsEndPoint or IPEndPoint))
        {
            return false;
        }

        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(PollingRedisOptions.ConnectTimeout);
        using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        try
        {
            await socket.ConnectAsync(end, patience.Token);
            await using var stream = new NetworkStream(socket);
            return await ask(stream, patience.Token);
        }
        catch (Exception exception) when (exception is SocketException or IOException or OperationCanceledException)
        {
            return false;
        }
    }
}
