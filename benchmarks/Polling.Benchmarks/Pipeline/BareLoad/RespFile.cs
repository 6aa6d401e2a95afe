using System.Globalization;
using System.Text;

namespace Polling.Benchmarks.Pipeline.BareLoad;

/// <summary>A file of commands in Redis' protocol, as <c>redis-cli --pipe</c> takes it.</summary>
internal sealed class RespFile(string path) : IDisposable
{
    private const int BufferBytes = 1 << 20;
    private readonly FileStream _file = new(path, FileMode.CreateNew, FileAccess.Write, FileShare.None, BufferBytes);

    public string Path => path;

    /// <summary>Commands written so far.</summary>
    public long Commands { get; private set; }

    /// <summary>Adds a command.</summary>
    /// <param name="parts">Its name and arguments.</param>
    public void Add(params ReadOnlySpan<byte[]> parts)
    {
        Header('*', parts.Length);
        foreach (var part in parts)
        {
            Header('$', part.Length);
            _file.Write(part);
            _file.Write("\r\n"u8);
        }

        Commands++;
    }

    public void Dispose() => _file.Dispose();

    private void Header(char kind, int number)
    {
        Span<byte> text = stackalloc byte[16];
        Encoding.ASCII.TryGetBytes(string.Create(CultureInfo.InvariantCulture, $"{kind}{number}\r\n"), text, out var length);
        _file.Write(text[..length]);
    }
}
