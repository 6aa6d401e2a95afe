using System.Globalization;

namespace Polling.Benchmarks.Processes;

/// <summary>Memory and processor time of processes, as Linux tells (<c>/proc</c>); elsewhere nothing.</summary>
internal sealed class ProcessMeter
{
    // USER_HZ, on every Linux that .NET runs on.
    private const double TicksPerSecond = 100;
    private const int ParentTime = 13;
    private readonly Dictionary<string, (double Seconds, DateTimeOffset At)> _last = [];

    /// <summary>Memory in bytes of a process, with its children if wanted: what they share counts once. 0 = it is gone.</summary>
    public static long MemoryBytes(int processId, bool withChildren)
    {
        var anonymous = 0L;
        var shared = 0L;
        foreach (var id in Family(processId, withChildren))
        {
            var status = Lines($"/proc/{id}/status");
            anonymous += Kibibytes(status, "RssAnon:") << 10;
            shared = Math.Max(shared, (Kibibytes(status, "RssShmem:") + Kibibytes(status, "RssFile:")) << 10);
        }

        return anonymous + shared;
    }

    /// <summary>Processor time since the last look, per cent of a core; null at the first look.</summary>
    public double? CpuPercent(string name, int processId, DateTimeOffset now, bool withChildren)
    {
        var seconds = CpuSeconds(processId, withChildren);
        var known = _last.TryGetValue(name, out var last);
        _last[name] = (seconds, now);
        return known && now > last.At ? Math.Max(0, Math.Round(100 * (seconds - last.Seconds) / (now - last.At).TotalSeconds, 1)) : null;
    }

    /// <summary>Processor time of a process since its start, in seconds, with its children's if wanted.</summary>
    public static double CpuSeconds(int processId, bool withChildren) =>
        Family(processId, withChildren).Sum(id => OwnCpuSeconds(id, withEnded: withChildren && id == processId));

    // The children that have ended are in the parent's account.
    private static double OwnCpuSeconds(int processId, bool withEnded)
    {
        if (Lines($"/proc/{processId}/stat") is not [var stat, ..])
        {
            return 0;
        }

        // The name, in brackets, may hold anything. What follows begins with the third field.
        var fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
        return fields.Skip(ParentTime - 2).Take(withEnded ? 4 : 2).Sum(ticks => double.Parse(ticks, CultureInfo.InvariantCulture)) / TicksPerSecond;
    }

    private static IEnumerable<int> Family(int processId, bool withChildren) => !withChildren ? [processId] :
    [
        processId, .. Lines($"/proc/{processId}/task/{processId}/children")
            .SelectMany(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries)).Select(id => int.Parse(id, CultureInfo.InvariantCulture)),
    ];

    private static long Kibibytes(string[] status, string field) => status.FirstOrDefault(line => line.StartsWith(field, StringComparison.Ordinal)) is { } line
        ? long.Parse(line[field.Length..].Replace("kB", "", StringComparison.Ordinal).Trim(), CultureInfo.InvariantCulture) : 0;

    private static string[] Lines(string file)
    {
        try
        {
            return File.ReadAllLines(file);
        }
        catch (IOException)
        {
            return [];
        }
        catch (UnauthorizedAccessException)
        {
            return [];
        }
    }
}
