using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using Polling.TestServers;

namespace Polling.AppHost.Tests;

/// <summary>The system as an engineer starts it: the AppHost's executable, on ports and folders of its own.</summary>
internal sealed partial class SystemProcess : IAsyncDisposable
{
    public const int SigKill = 9;
    public const int SigTerm = 15;

    private static readonly TimeSpan UpPatience = TimeSpan.FromMinutes(2);
    private readonly Process _process;
    private readonly BlockingCollection<string> _lines = [];
    private readonly List<string> _seen = [];

    private SystemProcess(Process process, TemporaryFolder folder, int apiPort)
    {
        _process = process;
        Folder = folder;
        ApiPort = apiPort;
    }

    public TemporaryFolder Folder { get; }

    public int ApiPort { get; }

    public int Pid => _process.Id;

    /// <summary>What it wrote, for the message of a test that fails.</summary>
    public string Output => string.Join('\n', _seen);

    public static Dictionary<string, string> Options(TemporaryFolder folder) => new()
    {
        ["Polling:ApiPort"] = FreePort.Next().ToString(CultureInfo.InvariantCulture),
        ["Polling:RedisPort"] = FreePort.Next().ToString(CultureInfo.InvariantCulture),
        ["Polling:PostgresPort"] = FreePort.Next().ToString(CultureInfo.InvariantCulture),
        ["Polling:DashboardPort"] = "0",
        ["Polling:DemoCards"] = "50",
        ["Polling:DataDirectory"] = folder.File("data"),
        ["Polling:LogDirectory"] = folder.File("logs"),
    };

    public static SystemProcess Start(TemporaryFolder folder, Dictionary<string, string>? options = null)
    {
        options ??= Options(folder);
        var start = new ProcessStartInfo("dotnet", ["exec", typeof(Projects.Polling_AppHost).Assembly.Location])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = folder.Path,
        };
        start.Environment[Leftovers.Marker] = folder.Path;
        foreach (var (key, value) in options)
        {
            start.ArgumentList.Add($"--{key}={value}");
        }

        var process = Process.Start(start)!;
        var system = new SystemProcess(process, folder, int.TryParse(options["Polling:ApiPort"], CultureInfo.InvariantCulture, out var port) ? port : 0);
        process.OutputDataReceived += (_, line) => system.Add(line.Data);
        process.ErrorDataReceived += (_, line) => system.Add(line.Data);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        return system;
    }

    /// <summary>Starts it and waits until everything is up; what is not up in time is ended.</summary>
    public static async Task<SystemProcess> StartUpAsync(TemporaryFolder folder, Dictionary<string, string> options)
    {
        var system = Start(folder, options);
        try
        {
            await system.ReadToAsync("Everything is up", UpPatience);
            return system;
        }
        catch
        {
            await system.DisposeAsync();
            throw;
        }
    }

    public HttpClient CreateApiClient() => new() { BaseAddress = new Uri($"http://localhost:{ApiPort}") };

    /// <summary>Reads its output up to a line that contains the text.</summary>
    public async Task<string> ReadToAsync(string text, TimeSpan patience)
    {
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        timeout.CancelAfter(patience);
        return await Task.Run(
            () =>
            {
                try
                {
                    foreach (var line in _lines.GetConsumingEnumerable(timeout.Token))
                    {
                        if (line.Contains(text, StringComparison.Ordinal))
                        {
                            return line;
                        }
                    }
                }
                catch (OperationCanceledException)
                {
                    // Told below.
                }

                throw new TimeoutException($"no line with '{text}' within {patience}. Output:\n{Output}");
            },
            CancellationToken.None);
    }

    public void Signal(int signal) => Kill(Pid, signal);

    public static void Kill(int processId, int signal) => _ = kill(processId, signal);

    /// <summary>Waits until it has ended.</summary>
    /// <returns>Its exit code.</returns>
    public async Task<int> ExitAsync(TimeSpan patience)
    {
        await _process.WaitForExitAsync(TestContext.Current.CancellationToken).WaitAsync(patience, TestContext.Current.CancellationToken);
        return _process.ExitCode;
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            Signal(SigKill);
            await _process.WaitForExitAsync();
        }

        await Leftovers.WaitUntilGoneAsync(Folder.Path, TimeSpan.FromSeconds(15));
        _process.Dispose();
        _lines.Dispose();
    }

    private void Add(string? line)
    {
        if (line is null)
        {
            return;
        }

        lock (_seen)
        {
            _seen.Add(line);
        }

        _lines.TryAdd(line);
    }

    [LibraryImport("libc")]
    private static partial int kill(int processId, int signal);
}
