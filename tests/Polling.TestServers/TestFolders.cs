using System.Diagnostics;
using System.Globalization;

namespace Polling.TestServers;

/// <summary>Folders for the data of test servers, which every user can reach (PostgreSQL runs as another one when the tests are root's).</summary>
public static class TestFolders
{
    /// <summary>Where all of this user lie.</summary>
    public static string Root { get; } = Path.Combine(Path.GetTempPath(), $"polling-tests-{Environment.UserName}");

    private static readonly Lazy<int> Sweep = new(RemoveLeftOvers);

    /// <summary>Makes a folder that belongs to this process; a later process removes it if this one cannot.</summary>
    public static string Create(string kind)
    {
        _ = Sweep.Value;
        return Directory.CreateDirectory(Path.Combine(Root, $"{Environment.ProcessId}-{kind}-{Guid.NewGuid():N}")).FullName;
    }

    /// <summary>Removes a folder if it is there.</summary>
    public static void Remove(string folder)
    {
        if (Directory.Exists(folder))
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    // What a test process that was killed left behind.
    private static int RemoveLeftOvers()
    {
        var removed = 0;
        foreach (var folder in Directory.CreateDirectory(Root).EnumerateDirectories())
        {
            if (int.TryParse(folder.Name.Split('-')[0], CultureInfo.InvariantCulture, out var owner) && !IsAlive(owner))
            {
                try
                {
                    folder.Delete(recursive: true);
                    removed++;
                }
                catch (IOException)
                {
                    // Another process sweeps too, or the owner's servers are about to end.
                }
            }
        }

        return removed;
    }

    private static bool IsAlive(int processId)
    {
        try
        {
            using var process = Process.GetProcessById(processId);
            return !process.HasExited;
        }
        catch (ArgumentException)
        {
            return false;
        }
    }
}
