namespace Polling.AppHost.LocalServers;

/// <summary>What a server said last, for the one line that tells why it did not start.</summary>
internal static class OutputTail
{
    /// <summary>The end of the file now: what comes after it belongs to the coming start.</summary>
    public static long Mark(string? file) => file is not null && File.Exists(file) ? new FileInfo(file).Length : 0;

    /// <summary>The last line after the mark, the last FATAL or PANIC one rather than another; or a word that there is none.</summary>
    public static string LastLine(string? file, long mark)
    {
        if (file is null || !File.Exists(file))
        {
            return "it said nothing";
        }

        using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        stream.Position = Math.Min(mark, stream.Length);
        var lines = new StreamReader(stream).ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        return lines.LastOrDefault(line => line.Contains("FATAL:", StringComparison.Ordinal) || line.Contains("PANIC:", StringComparison.Ordinal))
            ?? lines.LastOrDefault() ?? "it said nothing";
    }
}
