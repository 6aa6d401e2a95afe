using System.Diagnostics;
using System.Text.RegularExpressions;

namespace Polling.AppHost.LocalServers;

/// <summary>The servers that speak the Redis protocol and run the queue's scripts.</summary>
public enum RedisEngine
{
    /// <summary><c>redis-server</c>, 7.0 or newer.</summary>
    Redis,

    /// <summary><c>valkey-server</c>, any version.</summary>
    Valkey,

    /// <summary>Garnet, embedded in this executable: always there, for machines where neither of the others is.</summary>
    Garnet,
}

/// <summary>Which engines this machine has.</summary>
public static partial class RedisEngines
{
    private const int OldestMajor = 7;

    /// <summary>The engines found, the best for the system first; <see cref="RedisEngine.Garnet"/> is always the last.</summary>
    public static IReadOnlyList<RedisEngine> Found => LazyFound.Value;

    private static readonly Lazy<IReadOnlyList<RedisEngine>> LazyFound = new(() =>
    [
        .. new[] { RedisEngine.Redis, RedisEngine.Valkey }.Where(engine => Program(engine) is { } path && MajorVersion(path) >= OldestMajor),
        RedisEngine.Garnet,
    ]);

    /// <summary>The path of an engine's program; <c>null</c> where the machine has none.</summary>
    internal static string? Program(RedisEngine engine) => engine switch
    {
        RedisEngine.Redis => Executables.Find("redis-server"),
        RedisEngine.Valkey => Executables.Find("valkey-server"),
        _ => null,
    };

    private static int MajorVersion(string program)
    {
        using var process = Process.Start(new ProcessStartInfo(program, "--version") { RedirectStandardOutput = true });
        var answer = process?.StandardOutput.ReadToEnd() ?? "";
        return int.TryParse(VersionPattern.Match(answer).Groups[1].ValueSpan, out var major) ? major : 0;
    }

    [GeneratedRegex(@"\bv=(\d+)\.")]
    private static partial Regex VersionPattern { get; }
}
