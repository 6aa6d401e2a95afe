using System.Diagnostics;
using Polling.AppHost.LocalServers;

namespace Polling.AppHost.Processes;

/// <summary>
/// A child process that leads a group of its own, and that dies, with all it started, when this process dies in
/// whatever way. It has no terminal: its output goes to a file, and Ctrl-C reaches only us.
/// </summary>
public sealed class SupervisedProcess : IAsyncDisposable
{
    private static readonly TimeSpan SignalInterval = TimeSpan.FromMilliseconds(500);

    private readonly Process _process;
    private readonly ProcessSpec _spec;

    private SupervisedProcess(Process process, ProcessSpec spec)
    {
        _process = process;
        _spec = spec;
        Id = process.Id;
        Exited = WaitAsync();
    }

    /// <summary>The process id, which is the id of its group too.</summary>
    public int Id { get; }

    /// <summary>Ends when the process does, with its exit code; by then the rest of its group is killed too.</summary>
    public Task<int> Exited { get; }

    /// <summary>Starts the program. That it could not be executed shows as exit code 127 and a line in its output.</summary>
    /// <exception cref="InvalidOperationException">The launcher could not be started.</exception>
    public static SupervisedProcess Start(ProcessSpec spec)
    {
        if (OperatingSystem.IsWindows())
        {
            throw new LocalServerException("local processes run on Linux and macOS: on Windows use the genuine Aspire packages and a container runtime, or WSL");
        }

        var (fileName, arguments) = Words.Command(Words.Launch, Launcher.Arguments(spec));
        var start = new ProcessStartInfo(fileName, arguments)
        {
            RedirectStandardInput = true,
            WorkingDirectory = spec.WorkingDirectory ?? "",
        };
        foreach (var (name, value) in spec.Environment)
        {
            if (value is null)
            {
                start.Environment.Remove(name);
            }
            else
            {
                start.Environment[name] = value;
            }
        }

        var process = Process.Start(start) ?? throw new InvalidOperationException($"{spec.Name} could not be started");
        WatchdogClient.Current.Add(process.Id, spec);
        try
        {
            process.StandardInput.Write('\n');
            process.StandardInput.Close();
        }
        catch (IOException)
        {
            // The launcher is gone already; Exited tells.
        }

        return new SupervisedProcess(process, spec);
    }

    /// <summary>Runs a program to its end and returns its exit code.</summary>
    public static async Task<int> RunAsync(ProcessSpec spec, CancellationToken cancellationToken)
    {
        await using var process = Start(spec);
        return await process.Exited.WaitAsync(cancellationToken);
    }

    /// <summary>Asks it to stop, and kills its group when it takes longer than its <see cref="ProcessSpec.StopTimeout"/>.</summary>
    public async Task StopAsync()
    {
        // Said again, as a launcher that is about to become the program may miss it.
        var clock = Stopwatch.StartNew();
        while (!Exited.IsCompleted && clock.Elapsed < _spec.StopTimeout)
        {
            Posix.Signal(Id, _spec.StopSignal);
            await Task.WhenAny(Exited, Task.Delay(SignalInterval));
        }

        await KillAsync();
    }

    /// <summary>Kills it and its group at once (SIGKILL).</summary>
    public async Task KillAsync()
    {
        if (!Exited.IsCompleted)
        {
            Posix.SignalGroup(Id, Posix.SigKill);
            Posix.Signal(Id, Posix.SigKill);
        }

        await Exited;
    }

    /// <summary>Stops it.</summary>
    public async ValueTask DisposeAsync() => await StopAsync();

    private async Task<int> WaitAsync()
    {
        await _process.WaitForExitAsync();
        Posix.SignalGroup(Id, Posix.SigKill);
        WatchdogClient.Current.Remove(Id);
        var code = _process.ExitCode;
        _process.Dispose();
        return code;
    }
}
