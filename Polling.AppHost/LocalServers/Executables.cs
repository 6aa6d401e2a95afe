namespace Polling.AppHost.LocalServers;

/// <summary>Finds programs on this machine.</summary>
public static class Executables
{
    /// <summary>The folders of the PATH, and two where administrators' programs are that a user's PATH may lack.</summary>
    public static IEnumerable<string> Folders =>
        (Environment.GetEnvironmentVariable("PATH") ?? "")
        .Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
        .Concat(["/usr/sbin", "/usr/local/sbin"]);

    /// <summary>The full path of a program, or <c>null</c>.</summary>
    public static string? Find(string name) => Folders.Select(folder => Path.Combine(folder, name)).FirstOrDefault(File.Exists);
}
