using System.Globalization;

namespace Polling.ServiceDefaults.Logs;

/// <summary>
/// Renames a full log file to <c>worker-20250301T080000.123Z.log</c> and deletes the oldest of those. One process at a time does it,
/// by an exclusive lock on <c>.worker.log.lock</c> that the system takes back if the process dies; the others go on writing to the
/// renamed file until they notice, so no line is lost.
/// </summary>
internal sealed class LogRotation(string path, long maxBytes, int keptFiles, TimeProvider time)
{
    private readonly string _directory = Path.GetDirectoryName(path)!;
    private readonly string _stem = Path.GetFileNameWithoutExtension(path);
    private readonly string _extension = Path.GetExtension(path);

    /// <summary>Whether a file of <paramref name="length"/> bytes is due for rotation.</summary>
    public bool IsDue(long length) => length >= maxBytes;

    /// <summary>Rotates if the file is (still) due and nobody else is at it. Never waits.</summary>
    public void TryRotate()
    {
        using var held = TryLock();
        if (held is null)
        {
            return;
        }

        var current = new FileInfo(path);
        if (!current.Exists || !IsDue(current.Length))
        {
            return; // Another process was faster.
        }

        current.MoveTo(FreeName());
        foreach (var old in Archives().Order(StringComparer.Ordinal).SkipLast(keptFiles))
        {
            File.Delete(old);
        }
    }

    /// <summary>Full paths of the rotated files; their names sort by age.</summary>
    public IEnumerable<string> Archives() => Directory.EnumerateFiles(_directory, $"{_stem}-*{_extension}")
        .Where(file => Path.GetFileNameWithoutExtension(file).Length == _stem.Length + 1 + StampFormat.Length
            && DateTime.TryParseExact(
                Path.GetFileNameWithoutExtension(file).AsSpan(_stem.Length + 1), ParseFormat, CultureInfo.InvariantCulture, DateTimeStyles.None, out _));

    private const string StampFormat = "yyyyMMddTHHmmss.fffZ";
    private const string ParseFormat = "yyyyMMdd'T'HHmmss'.'fff'Z'";

    private string FreeName()
    {
        for (var stamp = time.GetUtcNow(); ; stamp = stamp.AddMilliseconds(1))
        {
            var name = Path.Combine(_directory, $"{_stem}-{stamp.ToString(ParseFormat, CultureInfo.InvariantCulture)}{_extension}");
            if (!File.Exists(name))
            {
                return name;
            }
        }
    }

    private FileStream? TryLock()
    {
        try
        {
            return new FileStream(
                Path.Combine(_directory, $".{_stem}{_extension}.lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException)
        {
            return null;
        }
    }
}
