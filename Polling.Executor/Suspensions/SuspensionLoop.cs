using Microsoft.Extensions.Options;
using Npgsql;
using Polling.Core.Persistence.Suspensions;

namespace Polling.Executor.Suspensions;

/// <summary>
/// Takes suspensions and resumes out of the outbox and carries them out, so many at once. When the process is told to stop it takes no more and waits for
/// what runs; what takes too long is given up, and goes on elsewhere from where it was.
/// </summary>
internal sealed partial class SuspensionLoop(
    SuspensionOutbox outbox, SuspensionRunner runner, ExecutorIdentity identity, IOptions<SuspensionOptions> options, IOptions<ExecutorOptions> executor,
    IHostApplicationLifetime lifetime, TimeProvider time, ILogger<SuspensionLoop> logger) : BackgroundService
{
    private static readonly TimeSpan TroublePause = TimeSpan.FromSeconds(1);

    // A few requests, one after the other, each with its whole timeout.
    private const int RequestsPerHold = 5;
    private readonly SemaphoreSlim _slots = new(options.Value.AtOnce);
    private readonly CancellationTokenSource _giveUp = new();
    private bool _inTrouble;

    /// <summary>Takes what there is room for and starts it.</summary>
    /// <returns>How long to wait before the next look.</returns>
    public async Task<TimeSpan> RunOnceAsync()
    {
        var room = _slots.CurrentCount;
        var hold = RequestsPerHold * (executor.Value.TotalTimeout + ExecutorOptionsValidator.Margin);
        var heldUntil = time.GetUtcNow() + hold;

        // Not cancelled: what was taken and not heard of would stay this executor's until its hold ends.
        var taken = await outbox.TakeAsync($"{identity.Name}:{Guid.NewGuid():N}", time.GetUtcNow(), hold, room, CancellationToken.None);
        foreach (var work in taken)
        {
            await _slots.WaitAsync(CancellationToken.None);
            _ = RunAsync(work, heldUntil);
        }

        return taken.Count == room && room > 0 ? TimeSpan.FromMilliseconds(1) : TimeSpan.FromMilliseconds(options.Value.IdleMs);
    }

    public override void Dispose()
    {
        _slots.Dispose();
        _giveUp.Dispose();
        base.Dispose();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var stopping = lifetime.ApplicationStopping;
        while (!stopping.IsCancellationRequested)
        {
            var wait = TroublePause;
            try
            {
                await _slots.WaitAsync(stopping);
                _slots.Release();
                wait = await RunOnceAsync();
                _inTrouble = false;
            }
            catch (OperationCanceledException) when (stopping.IsCancellationRequested)
            {
                break;
            }
            catch (Exception e) when (e is NpgsqlException or TimeoutException)
            {
                LogTroubleOnce(e);
            }

            await Task.Delay(wait, time, stopping).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        _giveUp.CancelAfter(executor.Value.Drain);
        for (var i = 0; i < options.Value.AtOnce; i++)
        {
            await _slots.WaitAsync(CancellationToken.None);
        }
    }

    private async Task RunAsync(SuspensionWork work, DateTimeOffset heldUntil)
    {
        await Task.Yield();
        try
        {
            await runner.RunAsync(work, heldUntil, _giveUp.Token);
        }
        finally
        {
            _slots.Release();
        }
    }

    private void LogTroubleOnce(Exception e)
    {
        if (!_inTrouble)
        {
            LogTrouble(logger, e.Message);
            _inTrouble = true;
        }
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "Suspensions cannot be taken up; it is tried again every second: {Reason}")]
    private static partial void LogTrouble(ILogger logger, string reason);
}
