using System.Diagnostics;
using System.Globalization;

namespace Polling.AppHost.Tests;

/// <summary>
/// Finds every process that belongs to one system: each inherits a variable of the environment that the test gave the first,
/// or runs in the test's folder, as servers do that write over their environment (Linux only). A dead process that nobody has
/// waited for has neither any more.
/// </summary>
internal static class Leftovers
{
    public const string Marker = "POLLING_TEST_FOLDER";

    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(50);

    public static IReadOnlyList<(int Pid, string CommandLine)> Of(string folder) =>
    [
        .. Directory.EnumerateDirectories("/proc")
            .Select(Path.GetFileName)
            .Where(name => int.TryParse(name, CultureInfo.InvariantCulture, out _))
            .Select(name => (
                Pid: int.Parse(name!, CultureInfo.InvariantCulture),
                CommandLine: Read(name!, "cmdline").Replace('\0', ' ').Trim(),
                Environment: Read(name!, "environ") + '\0',
                Folder: FolderOf(name!)))
            .Where(process => process.Environment.Contains($"{Marker}={folder}\0", StringComparison.Ordinal)
                || process.Folder.StartsWith(folder, StringComparison.Ordinal))
            .Select(process => (process.Pid, process.CommandLine)),
    ];

    /// <summary>The processes that are still there when the time is over.</summary>
    public static async Task<IReadOnlyList<string>> WaitUntilGoneAsync(string folder, TimeSpan patience)
    {
        var clock = Stopwatch.StartNew();
        while (true)
        {
            var left = Of(folder);
            if (left.Count == 0 || clock.Elapsed > patience)
            {
                return [.. left.Select(process => $"{process.Pid} {process.CommandLine}")];
            }

            await Task.Delay(Interval);
        }
    }

    private static string FolderOf(string process)
    {
        try
        {
            return File.ResolveLinkTarget($"/proc/{process}/cwd", returnFinalTarget: false)?.FullName ?? "";
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return "";
        }
    }

    private static string Read(string process, string file)
    {
        try
        {
            return File.ReadAllText($"/proc/{process}/{file}");
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return "";
        }
    }
}
