using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Polling.TestServers;

/// <summary>A request that a <see cref="WebhookReceiver"/> was sent.</summary>
/// <param name="Path">Path and query.</param>
/// <param name="Headers">Its headers; upper and lower case are the same.</param>
/// <param name="Body">Its body as text.</param>
public sealed record ReceivedWebhook(string Path, IReadOnlyDictionary<string, string> Headers, string Body);

/// <summary>
/// An HTTP server on 127.0.0.1 that keeps what it is sent, under whatever host name, and answers as a test says. It closes each connection
/// after one answer.
/// </summary>
public sealed class WebhookReceiver : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly ConcurrentQueue<ReceivedWebhook> _received = [];
    private readonly Task _serving;

    public WebhookReceiver()
    {
        _listener.Start();
        Port = ((IPEndPoint)_listener.LocalEndpoint).Port;
        _serving = ServeAsync();
    }

    public int Port { get; }

    public string Url => $"http://127.0.0.1:{Port}";

    /// <summary>What was received, in order.</summary>
    public IReadOnlyList<ReceivedWebhook> Received => [.. _received];

    /// <summary>The answer to the n-th request (from 0): status, body and, with a redirect, where to.</summary>
    public Func<int, (int Status, string Body, string? Location)> Answer { get; set; } = _ => (200, "", null);

    public async ValueTask DisposeAsync()
    {
        _listener.Dispose();
        await _serving;
    }

    private async Task ServeAsync()
    {
        while (true)
        {
            try
            {
                using var client = await _listener.AcceptTcpClientAsync();
                await AnswerAsync(client.GetStream());
            }
            catch (Exception e) when (e is ObjectDisposedException or SocketException or InvalidOperationException)
            {
                return;
            }
            catch (IOException)
            {
                // The sender went away.
            }
        }
    }

    private async Task AnswerAsync(NetworkStream stream)
    {
        using var reader = new StreamReader(stream, Encoding.UTF8, leaveOpen: true);
        if (await reader.ReadLineAsync() is not { } first)
        {
            return;
        }

        var headers = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        while (await reader.ReadLineAsync() is { Length: > 0 } line)
        {
            var colon = line.IndexOf(':', StringComparison.Ordinal);
            headers[line[..colon]] = line[(colon + 1)..].Trim();
        }

        var body = await ReadAsync(reader, int.Parse(headers.GetValueOrDefault("Content-Length", "0"), CultureInfo.InvariantCulture));
        var (status, text, location) = Answer(_received.Count);
        _received.Enqueue(new ReceivedWebhook(first.Split(' ')[1], headers, body));
        var to = location is null ? "" : $"Location: {location}\r\n";
        await stream.WriteAsync(Encoding.UTF8.GetBytes(
            string.Create(CultureInfo.InvariantCulture, $"HTTP/1.1 {status} x\r\n{to}Content-Length: {Encoding.UTF8.GetByteCount(text)}\r\nConnection: close\r\n\r\n{text}")));
    }

    // The length is in bytes, and what is read are characters.
    private static async Task<string> ReadAsync(StreamReader reader, int bytes)
    {
        var text = new StringBuilder();
        var buffer = new char[1024];
        for (var read = 0; read < bytes;)
        {
            var count = await reader.ReadAsync(buffer.AsMemory(0, Math.Min(buffer.Length, bytes - read)));
            if (count == 0)
            {
                break;
            }

            text.Append(buffer, 0, count);
            read += Encoding.UTF8.GetByteCount(buffer, 0, count);
        }

        return text.ToString();
    }
}
