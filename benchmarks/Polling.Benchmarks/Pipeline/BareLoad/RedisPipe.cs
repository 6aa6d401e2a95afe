using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;
using Polling.AppHost.LocalServers;

namespace Polling.Benchmarks.Pipeline.BareLoad;

/// <summary><c>redis-cli --pipe</c>: Redis' own way to load many commands.</summary>
internal static partial class RedisPipe
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);

    /// <summary>The path of <c>redis-cli</c>.</summary>
    /// <exception cref="LocalServerException">It is not on this machine.</exception>
    public static string Program => Executables.Find("redis-cli")
        ?? throw new LocalServerException("redis-cli is not on this machine: install it (Debian and Ubuntu: the package redis-tools)");

    /// <summary>Loads a file.</summary>
    /// <param name="port">Of the Redis, on 127.0.0.1.</param>
    /// <param name="file">The commands, written to their end.</param>
    /// <param name="commands">How many they are.</param>
    /// <returns>From the program's start to its end.</returns>
    /// <exception cref="InvalidOperationException">Not every command was answered without an error, or it took too long.</exception>
    public static async Task<TimeSpan> LoadAsync(int port, string file, long commands)
    {
        var started = Stopwatch.GetTimestamp();
        // The shell gives it the file itself as its input, and becomes it.
        using var process = Process.Start(new ProcessStartInfo("sh",
            ["-c", "exec \"$0\" -h 127.0.0.1 -p \"$1\" --pipe < \"$2\"", Program, port.ToString(CultureInfo.InvariantCulture), file])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        using var patience = new CancellationTokenSource(Patience);
        try
        {
            var output = process.StandardOutput.ReadToEndAsync(patience.Token);
            var error = process.StandardError.ReadToEndAsync(patience.Token);
            await process.WaitForExitAsync(patience.Token);
            var took = Stopwatch.GetElapsedTime(started);
            var told = await output + await error;
            return Replies.Match(told) is { Success: true } match && match.Groups[1].Value == "0"
                && long.Parse(match.Groups[2].ValueSpan, CultureInfo.InvariantCulture) == commands
                ? took
                : throw new InvalidOperationException($"redis-cli --pipe was to load {commands} commands without an error; it told: {told.Trim()}");
        }
        catch (OperationCanceledException)
        {
            throw new InvalidOperationException($"redis-cli --pipe took longer than {Patience.TotalMinutes} minutes");
        }
        finally
        {
            Kill(process);
        }
    }

    private static void Kill(Process process)
    {
        try
        {
            process.Kill();
        }
        catch (Exception e) when (e is InvalidOperationException or Win32Exception)
        {
            // It has ended.
        }
    }

    [GeneratedRegex(@"errors: (\d+), replies: (\d+)")]
    private static partial Regex Replies { get; }
}
