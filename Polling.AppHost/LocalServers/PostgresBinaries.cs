using System.Globalization;

namespace Polling.AppHost.LocalServers;

/// <summary>A PostgreSQL installation.</summary>
/// <param name="Folder">The folder of <c>initdb</c> and <c>postgres</c>.</param>
/// <param name="MajorVersion">Its major version, such as 17; 0 when its folder does not tell.</param>
public sealed record PostgresBinaries(string Folder, int MajorVersion)
{
    /// <summary>The path of <c>initdb</c>.</summary>
    public string InitDb => Path.Combine(Folder, "initdb");

    /// <summary>The path of <c>postgres</c>.</summary>
    public string Postgres => Path.Combine(Folder, "postgres");

    /// <summary>
    /// All installations of this machine, the preferred one first: on the PATH, then where distributions and Homebrew put
    /// them (the newest first), then the npm package where it was fetched before.
    /// </summary>
    public static IReadOnlyList<PostgresBinaries> Found() =>
    [
        .. Executables.Folders
            .Concat(Versions("/usr/lib/postgresql", "bin"))
            .Concat(Versions("/usr", "bin", "pgsql-*"))
            .Concat(Versions("/opt/homebrew/opt", "bin", "postgresql*"))
            .Concat(Versions("/usr/local/opt", "bin", "postgresql*"))
            .Append(PostgresPackage.BinFolder)
            .Where(folder => File.Exists(Path.Combine(folder, "initdb")) && File.Exists(Path.Combine(folder, "postgres")))
            .Select(folder => new PostgresBinaries(folder, VersionOf(Path.Combine(folder, "postgres")))),
    ];

    private static IEnumerable<string> Versions(string root, string inside, string pattern = "*") =>
        Directory.Exists(root)
            ? Directory.EnumerateDirectories(root, pattern)
                .OrderByDescending(folder => int.TryParse(Digits(Path.GetFileName(folder)), CultureInfo.InvariantCulture, out var n) ? n : 0)
                .Select(folder => Path.Combine(folder, inside))
            : [];

    private static string Digits(string text) => new([.. text.Where(char.IsAsciiDigit)]);

    // "postgres (PostgreSQL) 15.14 (Debian 15.14-0+deb12u1)"
    private static int VersionOf(string postgres)
    {
        using var process = System.Diagnostics.Process.Start(
            new System.Diagnostics.ProcessStartInfo(postgres, "--version") { RedirectStandardOutput = true });
        var words = (process?.StandardOutput.ReadToEnd() ?? "").Split(' ');
        var version = words.SkipWhile(word => !word.EndsWith(')')).Skip(1).FirstOrDefault() ?? "";
        return int.TryParse(new string([.. version.TakeWhile(char.IsAsciiDigit)]), CultureInfo.InvariantCulture, out var major) ? major : 0;
    }
}
