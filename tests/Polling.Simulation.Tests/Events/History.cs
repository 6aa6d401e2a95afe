using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Polling.Simulation.Tests.Events;

/// <summary>Everything that happened, as one hash: two runs of a seed must agree on it.</summary>
internal sealed class History : IDisposable
{
    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private readonly StreamWriter? _file;

    /// <param name="file">Where it is written line by line, too; null = nowhere.</param>
    public History(string? file) => _file = file is null ? null : new StreamWriter(file);

    public long Lines { get; private set; }

    public string Hash => Convert.ToHexString(_hash.GetCurrentHash().AsSpan(0, 8));

    public void Add(long atUs, string who, string what)
    {
        var line = string.Create(CultureInfo.InvariantCulture, $"{atUs} {who} {what}\n");
        _hash.AppendData(Encoding.UTF8.GetBytes(line));
        _file?.Write(line);
        Lines++;
    }

    public void Dispose()
    {
        _hash.Dispose();
        _file?.Dispose();
    }
}
