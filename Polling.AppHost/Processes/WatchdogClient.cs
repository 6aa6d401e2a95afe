using System.Diagnostics;

namespace Polling.AppHost.Processes;

/// <summary>This process's watchdog: started with the first child, told of every other.</summary>
internal sealed class WatchdogClient
{
    private readonly Lock _lock = new();
    private readonly Dictionary<int, ProcessSpec> _children = [];
    private Process? _watchdog;

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
        lock (_lock)
        {
            if (_watchdog is { } watchdog && _children.Count == 0)
            {
                _watchdog = null;
                watchdog.StandardInput.WriteLine("bye");
                watchdog.StandardInput.Close();
                watchdog.WaitForExit(TimeSpan.FromSeconds(2));
                watchdog.Dispose();
            }
        }
    }

    private static string Line(int processId, ProcessSpec spec) =>
        FormattableString.Invariant($"+ {processId} {spec.StopSignal} {(int)Math.Ceiling(spec.StopTimeout.TotalSeconds)}");

    private void Start()
    {
        var (fileName, arguments) = Words.Command(Words.Watch);
        var watchdog = Process.Start(new ProcessStartInfo(fileName, arguments) { RedirectStandardInput = true })
            ?? throw new InvalidOperationException("the watchdog could not be started");
        watchdog.StandardInput.AutoFlush = true;
        watchdog.EnableRaisingEvents = true;
        watchdog.Exited += (_, _) => Replace(watchdog);
        _watchdog = watchdog;
        foreach (var (processId, spec) in _children)
        {
            Tell(Line(processId, spec));
        }
    }

    // Somebody ended the watchdog while children run: they need another.
    private void Replace(Process gone)
    {
        lock (_lock)
        {
            if (ReferenceEquals(_watchdog, gone))
            {
                gone.Dispose();
                Start();
            }
        }
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
