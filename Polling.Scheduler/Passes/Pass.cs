namespace Polling.Scheduler.Passes;

/// <summary>
/// A background process that does one pass after another until the host stops. A pass can be called without the loop.
/// A pass that fails is reported and tried again, after a pause that doubles up to 5 s; the same failure is reported once a minute.
/// </summary>
internal abstract partial class Pass(TimeProvider time, ILogger logger) : BackgroundService
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan ReportEvery = TimeSpan.FromMinutes(1);

    /// <summary>Clock of the process: for pauses and reports only, never for due times.</summary>
    protected TimeProvider Time { get; } = time;

    /// <summary>One pass.</summary>
    /// <returns>How long to wait before the next.</returns>
    public abstract Task<TimeSpan> RunOnceAsync(CancellationToken cancellation);

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var pause = FirstPause;
        var reported = (Message: "", At: DateTimeOffset.MinValue);
        while (!stoppingToken.IsCancellationRequested)
        {
            TimeSpan wait;
            try
            {
                wait = await RunOnceAsync(stoppingToken);
                pause = FirstPause;
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
#pragma warning disable CA1031 // Whatever goes wrong in a pass, the next one may do better; the process must not die of it.
            catch (Exception e)
#pragma warning restore CA1031
            {
                var now = Time.GetUtcNow();
                if (e.Message != reported.Message || now - reported.At > ReportEvery)
                {
                    LogFailed(logger, GetType().Name, e);
                    reported = (e.Message, now);
                }

                wait = pause;
                pause = pause * 2 < LongestPause ? pause * 2 : LongestPause;
            }

            if (wait > TimeSpan.Zero)
            {
                await WaitAsync(wait, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    /// <summary>Waits between two passes; may end early when there is something to do.</summary>
    protected virtual Task WaitAsync(TimeSpan wait, CancellationToken stopping) => Task.Delay(wait, Time, stopping);

    [LoggerMessage(Level = LogLevel.Error, Message = "{Pass} failed; it is tried again")]
    private static partial void LogFailed(ILogger logger, string pass, Exception exception);
}
