using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Polling.Executor.Tests.Gateway;

/// <summary>A server that answers the first request of each connection, keeps it, and closes it in order when the next one has come, without an answer.</summary>
internal sealed class ClosingServer : IAsyncDisposable
{
    private static readonly byte[] Answer = Encoding.ASCII.GetBytes("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}");
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stopped = new();
    private readonly Task _accepting;
    private int _requests;

    public ClosingServer()
    {
        _listener.Start();
        _accepting = AcceptAsync();
    }

    public Uri Address => new($"http://{_listener.LocalEndpoint}/");

    /// <summary>Requests that arrived.</summary>
    public int Requests => Volatile.Read(ref _requests);

    public async ValueTask DisposeAsync()
    {
        await _stopped.CancelAsync();
        await _accepting.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _listener.Dispose();
        _stopped.Dispose();
    }

    private async Task AcceptAsync()
    {
        var served = new List<Task>();
        while (!_stopped.IsCancellationRequested)
        {
            try
            {
                served.Add(ServeAsync(await _listener.AcceptTcpClientAsync(_stopped.Token)));
            }
            catch (OperationCanceledException)
            {
                break;
            }
        }

        await Task.WhenAll(served).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private async Task ServeAsync(TcpClient client)
    {
        using (client)
        {
            var stream = client.GetStream();
            if (await ReadRequestAsync(stream))
            {
                await stream.WriteAsync(Answer, _stopped.Token);
                await ReadRequestAsync(stream);
            }

            client.Client.Shutdown(SocketShutdown.Both);
        }
    }

    // Head and body come at once, or in two pieces; a request ends when nothing of it is missing.
    private async Task<bool> ReadRequestAsync(NetworkStream stream)
    {
        var text = "";
        var buffer = new byte[8192];
        while (true)
        {
            var read = await stream.ReadAsync(buffer, _stopped.Token);
            if (read == 0)
            {
                return false;
            }

            text += Encoding.ASCII.GetString(buffer, 0, read);
            if (text.IndexOf("\r\n\r\n", StringComparison.Ordinal) is var end and > 0 && text.Length >= end + 4 + LengthOf(text))
            {
                Interlocked.Increment(ref _requests);
                return true;
            }
        }
    }

    private static int LengthOf(string head)
    {
        const string Name = "Content-Length: ";
        var at = head.IndexOf(Name, StringComparison.OrdinalIgnoreCase);
        return at < 0 ? 0 : int.Parse(head[(at + Name.Length)..head.IndexOf('\r', at)], System.Globalization.CultureInfo.InvariantCulture);
    }
}
