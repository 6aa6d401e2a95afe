using System.Diagnostics;

namespace Polling.AppHost.Processes;

/// <summary>This process's watchdog: started with the first child, told of every other.</summary>
internal sealed class WatchdogClient
{
    private readonly Lock _lock = new();
    private readonly Dictionary<int, ProcessSpec> _children = [];
    private Process? _watchdog;
    private Task _gone = Task.CompletedTask;

    public static WatchdogClient Current { get; } = new();

    /// <summary>The watchdog's process id; it is started if it does not run.</summary>
    public int StartedId
    {
        get
        {
            lock (_lock)
            {
                if (_watchdog is null)
                {
                    Start();
                }

                return _watchdog!.Id;
            }
        }
    }

    public void Add(int processId, ProcessSpec spec)
    {
        lock (_lock)
        {
            _children[processId] = spec;
            if (_watchdog is null)
            {
                Start();
            }
            else
            {
                Tell(Line(processId, spec));
            }
        }
    }

    public void Remove(int processId)
    {
        lock (_lock)
        {
            if (_children.Remove(processId))
            {
                Tell($"- {processId}");
            }
        }
    }

    /// <summary>Lets the watchdog go, once no child is left.</summary>
    public void Dismiss()
    {
        Task gone;
        lock (_lock)
        {
            if (_watchdog is null || _children.Count > 0)
            {
                return;
            }

            Tell("bye");
            _watchdog = null;
            gone = _gone;
        }

        gone.Wait(TimeSpan.FromSeconds(2));
    }

    private static string Line(int processId, ProcessSpec spec) =>
        FormattableString.Invariant($"+ {processId} {spec.StopSignal} {(int)Math.Ceiling(spec.StopTimeout.TotalSeconds)}");

    private void Start()
    {
        var (fileName, arguments) = Words.Command(Words.Watch);
        var watchdog = Process.Start(new ProcessStartInfo(fileName, arguments) { RedirectStandardInput = true })
            ?? throw new InvalidOperationException("the watchdog could not be started");
        watchdog.StandardInput.AutoFlush = true;
        _watchdog = watchdog;
        foreach (var (processId, spec) in _children)
        {
            Tell(Line(processId, spec));
        }

        _gone = ReplaceAsync(watchdog);
    }

    // Somebody may end the watchdog while children run: they need another. (Not by the event Exited: its handlers hold a
    // lock of the process, which waiting for that process needs too.)
    private async Task ReplaceAsync(Process watchdog)
    {
        await Task.Yield();
        await watchdog.WaitForExitAsync();
        lock (_lock)
        {
            if (ReferenceEquals(_watchdog, watchdog))
            {
                Start();
            }
        }

        watchdog.Dispose();
    }

    private void Tell(string line)
    {
        try
        {
            _watchdog?.StandardInput.WriteLine(line);
        }
        catch (IOException)
        {
            // It is gone; Replace starts another and tells it everything.
        }
    }
}
