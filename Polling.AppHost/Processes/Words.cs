using System.Runtime.InteropServices;
using Polling.AppHost.LocalServers;

namespace Polling.AppHost.Processes;

/// <summary>
/// The other things that this executable can be: the launcher of a child, the watchdog, the embedded Redis. A word in
/// front of the arguments asks for one of them; it is not meant for people.
/// </summary>
public static class Words
{
    internal const string Launch = "internal-launch";
    internal const string Watch = "internal-watch";
    internal const string Garnet = "internal-garnet";

    /// <summary>Does what the first argument asks for, when it is one of the words.</summary>
    /// <returns>The exit code, or <c>null</c> when there is no such word and the system is to be started.</returns>
    public static int? Run(string[] args) => args switch
    {
        [Launch, .. var rest] => Launcher.Run(rest),
        [Watch] => Watchdog.Run(),
        [Garnet, .. var rest] => EmbeddedGarnet.Run(rest),
        _ => null,
    };

    /// <summary>The path of the <c>dotnet</c> that runs us.</summary>
    internal static string DotNet { get; } = FindDotNet();

    /// <summary>The command that runs this executable with a word, whatever process we are loaded into.</summary>
    internal static (string FileName, IReadOnlyList<string> Arguments) Command(string word, params IEnumerable<string> arguments) =>
        (DotNet, ["exec", typeof(Words).Assembly.Location, word, .. arguments]);

    private static string FindDotNet()
    {
        var name = OperatingSystem.IsWindows() ? "dotnet.exe" : "dotnet";
        var path = Path.GetFullPath(Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "..", "..", "..", name));
        return File.Exists(path) ? path : name;
    }
}
