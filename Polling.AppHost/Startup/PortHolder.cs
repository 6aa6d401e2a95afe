using System.Globalization;

namespace Polling.AppHost.Startup;

/// <summary>Finds the process that listens on a port, where the system tells: on Linux, for processes that we may look into.</summary>
internal static class PortHolder
{
    private const string Listening = "0A";

    /// <returns>Name and process id, or <c>null</c>.</returns>
    public static string? Find(int port)
    {
        try
        {
            var sockets = Sockets(port).ToHashSet();
            return sockets.Count == 0 ? null : Directory.EnumerateDirectories("/proc")
                .Where(folder => int.TryParse(Path.GetFileName(folder), CultureInfo.InvariantCulture, out _) && HasOneOf(folder, sockets))
                .Select(folder => $"{File.ReadAllText(Path.Combine(folder, "comm")).Trim()} (process {Path.GetFileName(folder)})")
                .FirstOrDefault();
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    // A line's second word is the local address as hex:port, its fourth the state, its tenth the socket's number.
    private static IEnumerable<string> Sockets(int port) =>
        new[] { "/proc/net/tcp", "/proc/net/tcp6" }
            .Where(File.Exists)
            .SelectMany(File.ReadLines)
            .Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            .Where(words => words.Length > 9 && words[3] == Listening && words[1].EndsWith($":{port:X4}", StringComparison.Ordinal))
            .Select(words => $"socket:[{words[9]}]");

    private static bool HasOneOf(string process, HashSet<string> sockets)
    {
        try
        {
            return Directory.EnumerateFiles(Path.Combine(process, "fd"))
                .Any(file => File.ResolveLinkTarget(file, returnFinalTarget: false)?.Name is { } target && sockets.Contains(target));
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }
}
