using System.Runtime.CompilerServices;

namespace Polling.Architecture.Tests;

/// <summary>Files of the repository that these tests were built from.</summary>
internal static class Repository
{
    public static string Folder { get; } = Path.GetFullPath(Path.Combine(Here(), "..", "..", ".."));

    public static string Read(string path) => File.ReadAllText(Path.Combine(Folder, path));

    private static string Here([CallerFilePath] string here = "") => here;
}
