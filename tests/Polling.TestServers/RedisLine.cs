using System.Globalization;
using System.Net.Sockets;

namespace Polling.TestServers;

/// <summary>One command to a Redis of this machine, for setting servers up: without a client that knows more than it is told.</summary>
internal static class RedisLine
{
    /// <summary>The answer: a simple string, a number or a bulk string; of a list, nothing but its length.</summary>
    /// <exception cref="InvalidOperationException">Redis refused.</exception>
    public static async Task<string> AskAsync(int port, string command, CancellationToken cancellation)
    {
        using var client = new TcpClient();
        await client.ConnectAsync("127.0.0.1", port, cancellation);
        await using var stream = client.GetStream();
        await using var writer = new StreamWriter(stream) { NewLine = "\r\n" };
        using var reader = new StreamReader(stream);
        await writer.WriteLineAsync(command.AsMemory(), cancellation);
        await writer.FlushAsync(cancellation);
        var first = await reader.ReadLineAsync(cancellation) ?? "";
        if (first.StartsWith('-'))
        {
            throw new InvalidOperationException($"Redis refused '{command}': {first[1..]}");
        }

        if (!first.StartsWith('$'))
        {
            return first.Length == 0 ? "" : first[1..];
        }

        var text = new char[Math.Max(0, int.Parse(first.AsSpan(1), CultureInfo.InvariantCulture))];
        await reader.ReadBlockAsync(text, cancellation);
        return new string(text);
    }
}
