using System.Diagnostics;
using Polling.AppHost.LocalServers;
using Polling.AppHost.Processes;

namespace Polling.AppHost.AspireFallback;

/// <summary>Keeps one process of a resource running: starts it, and again with back-off whenever it ends.</summary>
internal sealed class ResourceRun(RunnableResource resource, int replica, string outputFolder, IReport report)
{
    private static readonly TimeSpan ProbeInterval = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan StableAfter = TimeSpan.FromSeconds(60);

    private readonly TaskCompletionSource _healthy = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _failed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private SupervisedProcess? _process;

    public RunnableResource Resource => resource;

    /// <summary>Ends when the process is ready for the first time.</summary>
    public Task Healthy => _healthy.Task;

    /// <summary>Fails when an essential resource cannot be started the first time; never ends else.</summary>
    public Task Failed => _failed.Task;

    private string Name => resource.NameOf(replica);

    private string OutputFile => Path.Combine(outputFolder, $"{Name}.log");

    /// <summary>Runs until it is cancelled; the process is then still there, see <see cref="StopAsync"/>.</summary>
    public async Task RunAsync(Task ready, CancellationToken cancellationToken)
    {
        await ready.WaitAsync(cancellationToken);
        var pause = TimeSpan.FromSeconds(1);
        while (true)
        {
            var clock = Stopwatch.StartNew();
            var mark = OutputTail.Mark(OutputFile);
            string what;
            try
            {
                _process = await resource.StartAsync(replica, OutputFile, cancellationToken);
                await WaitUntilHealthyAsync(_process, cancellationToken);
                var code = await _process.Exited.WaitAsync(cancellationToken);
                what = $"ended with code {code}: {OutputTail.LastLine(OutputFile, mark)}";
            }
            catch (LocalServerException error)
            {
                if (resource.IsEssential && !Healthy.IsCompleted)
                {
                    _failed.TrySetException(error);
                    return;
                }

                what = $"does not start: {error.Message}";
            }

            if (clock.Elapsed > StableAfter)
            {
                pause = TimeSpan.FromSeconds(1);
            }

            report.Trouble(Name, $"{what} – starting it again in {pause.TotalSeconds:0} s");
            await Task.Delay(pause, cancellationToken);
            pause = pause * 2 < LongestPause ? pause * 2 : LongestPause;
        }
    }

    public async Task StopAsync()
    {
        if (_process is not null)
        {
            await _process.StopAsync();
        }
    }

    private async Task WaitUntilHealthyAsync(SupervisedProcess process, CancellationToken cancellationToken)
    {
        while (!process.Exited.IsCompleted)
        {
            if (await resource.IsHealthyAsync(replica, cancellationToken))
            {
                report.Up(Name, again: !_healthy.TrySetResult());
                return;
            }

            await Task.Delay(ProbeInterval, cancellationToken);
        }
    }
}
