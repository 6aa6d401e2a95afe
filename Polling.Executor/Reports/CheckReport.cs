using Polling.Core.Configuration;

namespace Polling.Executor.Reports;

/// <summary>
/// Once a second at most, one line in the log about what was finished since the last: at thousands of checks a second a line a
/// card would drown the file. The keyword is the contract's.
/// </summary>
internal sealed partial class CheckReport(TimeProvider time, ILogger<CheckReport> logger) : BackgroundService
{
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(1);
    private readonly Tally[] _tallies = [.. Enum.GetValues<TaskType>().Select(t => new Tally(t))];

    /// <summary>A call was completed.</summary>
    public void Completed(TaskType type, int success, int failed, TimeSpan duration)
    {
        var tally = _tallies[(int)type - 1];
        lock (tally)
        {
            tally.Calls++;
            tally.Success += success;
            tally.Failed += failed;
            tally.DurationMs += (long)duration.TotalMilliseconds;
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Every, time);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
            {
                Write();
            }
        }
        catch (OperationCanceledException)
        {
            Write();
        }
    }

    private void Write()
    {
        foreach (var tally in _tallies)
        {
            lock (tally)
            {
                if (tally.Calls > 0)
                {
                    LogFinished(logger, tally.Keyword, tally.Success, tally.Failed, tally.Calls, tally.DurationMs / tally.Calls);
                    tally.Reset();
                }
            }
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "{Keyword:l}: success={Success} failed={Failed} calls={Calls} avg_ms={AverageMs}")]
    private static partial void LogFinished(ILogger logger, string keyword, int success, int failed, int calls, long averageMs);

    private sealed class Tally(TaskType type)
    {
        public string Keyword { get; } = type switch
        {
            TaskType.Realname => "实名检查完成",
            TaskType.Carddata => "流量检查完成",
            _ => "套餐检查完成",
        };

        public int Calls { get; set; }

        public int Success { get; set; }

        public int Failed { get; set; }

        public long DurationMs { get; set; }

        public void Reset() => (Calls, Success, Failed, DurationMs) = (0, 0, 0, 0);
    }
}
