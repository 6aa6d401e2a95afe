using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Polling.Faults.Tests.Harness;

/// <summary>
/// A line to Redis that can be cut in the worst moment: the request of a script is forwarded, Redis runs it, and its answer is swallowed as the
/// connection breaks. Until then it passes everything on.
/// </summary>
internal sealed class FaultProxy : IAsyncDisposable
{
    // Redis answers within microseconds; when nothing has come for so long, what was asked has been done.
    private static readonly TimeSpan Quiet = TimeSpan.FromMilliseconds(50);
    private readonly int _redisPort;
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _end = new();
    private readonly Task _accepting;
    private Cut? _cut;

    public FaultProxy(int redisPort)
    {
        _redisPort = redisPort;
        _listener.Start();
        _accepting = AcceptAsync();
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    /// <summary>Cuts the line of whoever next runs this script.</summary>
    /// <param name="hash">SHA-1 of the script.</param>
    /// <returns>Ends when that has happened, with the number of bytes that were swallowed.</returns>
    public Task<long> CutAfterAsync(byte[] hash)
    {
        var cut = new Cut(Encoding.ASCII.GetBytes(Convert.ToHexStringLower(hash)));
        Volatile.Write(ref _cut, cut);
        return cut.Done.Task;
    }

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        _listener.Stop();
        await _accepting;
        _end.Dispose();
    }

    private async Task AcceptAsync()
    {
        var lines = new List<Task>();
        try
        {
            while (true)
            {
                lines.Add(CarryAsync(await _listener.AcceptTcpClientAsync(_end.Token)));
            }
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // The end.
        }

        await Task.WhenAll(lines);
    }

    private async Task CarryAsync(TcpClient client)
    {
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(_end.Token);
        using var near = client;
        using var far = new TcpClient();
        try
        {
            await far.ConnectAsync(IPAddress.Loopback, _redisPort, ending.Token);
            near.NoDelay = far.NoDelay = true;
            var line = new Line(near.GetStream(), far.GetStream());
            await Task.WhenAny(line.RequestsAsync(this, ending.Token), line.AnswersAsync(ending.Token));
        }
        catch (Exception e) when (e is IOException or SocketException or OperationCanceledException)
        {
            // Whoever broke it, both ends learn of it now.
        }

        await ending.CancelAsync();
    }

    private sealed record Cut(byte[] Script)
    {
        public TaskCompletionSource<long> Done { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }

    private sealed class Line(NetworkStream near, NetworkStream far)
    {
        private long _swallowed;
        private long _lastAnswerAt;
        private volatile bool _swallows;

        public async Task RequestsAsync(FaultProxy proxy, CancellationToken cancellation)
        {
            var buffer = new byte[64 * 1024];
            var kept = 0;
            int read;
            while ((read = await near.ReadAsync(buffer.AsMemory(kept), cancellation)) > 0)
            {
                var cut = Volatile.Read(ref proxy._cut);
                var mine = cut is not null && buffer.AsSpan(0, kept + read).IndexOf(cut.Script) >= 0
                    && Interlocked.CompareExchange(ref proxy._cut, null, cut) == cut;
                _swallows = mine;
                await far.WriteAsync(buffer.AsMemory(kept, read), cancellation);
                if (mine)
                {
                    await SwallowedAsync(cancellation);
                    cut!.Done.SetResult(Interlocked.Read(ref _swallowed));
                    return;
                }

                // A script's hash may lie across two reads.
                var end = kept + read;
                kept = Math.Min(end, 39);
                buffer.AsSpan(end - kept, kept).CopyTo(buffer);
            }
        }

        public async Task AnswersAsync(CancellationToken cancellation)
        {
            var buffer = new byte[64 * 1024];
            int read;
            while ((read = await far.ReadAsync(buffer, cancellation)) > 0)
            {
                if (_swallows)
                {
                    Interlocked.Exchange(ref _lastAnswerAt, Environment.TickCount64);
                    Interlocked.Add(ref _swallowed, read);
                }
                else
                {
                    await near.WriteAsync(buffer.AsMemory(0, read), cancellation);
                }
            }
        }

        private async Task SwallowedAsync(CancellationToken cancellation)
        {
            while (Interlocked.Read(ref _swallowed) == 0 || Environment.TickCount64 - Interlocked.Read(ref _lastAnswerAt) < Quiet.TotalMilliseconds)
            {
                await Task.Delay(Quiet / 5, cancellation);
            }
        }
    }
}
