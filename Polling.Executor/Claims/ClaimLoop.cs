using System.Diagnostics;
using Microsoft.Extensions.Options;
using Polling.Core.Configuration;
using Polling.Core.Queue.Claims;
using Polling.Core.Telemetry;
using Polling.Executor.Calls;

namespace Polling.Executor.Claims;

/// <summary>
/// Claims calls of one task type, as many as this process has room for, and starts them. When the host stops it claims no more,
/// waits for the running calls, and gives up those that take too long.
/// </summary>
internal sealed partial class ClaimLoop(
    TaskType type, ClaimScripts claims, CallRunner runner, ExecutorIdentity identity, PollingInstruments instruments,
    IOptions<ExecutorOptions> options, TimeProvider time, ILogger<ClaimLoop> logger) : BackgroundService
{
    private const int CallsPerClaim = 32;
    private static readonly TimeSpan ShortestIdle = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan LongestIdle = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan TroublePause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan DrainTime = TimeSpan.FromSeconds(4);
    private readonly SemaphoreSlim _slots = new(options.Value.CallsInFlight);
    private readonly CancellationTokenSource _giveUp = new();
    private long _sequence;
    private DateTimeOffset? _firstAskedAt;
    private bool _inTrouble;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var idle = ShortestIdle;
        while (!stoppingToken.IsCancellationRequested)
        {
            await _slots.WaitAsync(stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (stoppingToken.IsCancellationRequested)
            {
                break;
            }

            _slots.Release();
            var claimed = await ClaimAsync();
            idle = claimed > 0 ? ShortestIdle : Shorter(idle * 2, LongestIdle);
            if (claimed <= 0)
            {
                await Task.Delay(claimed < 0 ? TroublePause : idle, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }

        await DrainAsync();
    }

    public override void Dispose()
    {
        _slots.Dispose();
        _giveUp.Dispose();
        base.Dispose();
    }

    /// <summary>One claim.</summary>
    /// <returns>Calls started; -1 when Redis could not be asked.</returns>
    private async Task<int> ClaimAsync()
    {
        var room = Math.Min(_slots.CurrentCount, CallsPerClaim);
        var askedAt = time.GetUtcNow();
        // The leases of a claim whose answer was lost run since it was first asked for.
        _firstAskedAt ??= askedAt;
        var leasedAt = _firstAskedAt.Value;
        ClaimReply reply;
        try
        {
            // The sequence goes on only when the answer came: asking again under the same one brings the same calls.
            reply = await claims.ClaimAsync(type, identity.Name, _sequence + 1, room, options.Value.Lease, options.Value.Permit);
            _sequence++;
            _firstAskedAt = null;
        }
#pragma warning disable CA1031 // Whatever it is, the next claim may do better; the process must not die of it.
        catch (Exception e)
#pragma warning restore CA1031
        {
            LogTroubleOnce(e);
            return -1;
        }

        _inTrouble = false;
        instruments.LeasesExpired(type, reply.ExpiredLeases);
        foreach (var call in reply.Calls)
        {
            SpanOfClaim(call, askedAt);
            await _slots.WaitAsync();
            _ = RunAsync(call, new ClaimTimes(askedAt, leasedAt));
        }

        return reply.Calls.Count;
    }

    private async Task RunAsync(ClaimedCall call, ClaimTimes claimed)
    {
        await Task.Yield();
        try
        {
            await runner.RunAsync(call, claimed, _giveUp.Token);
        }
        finally
        {
            _slots.Release();
        }
    }

    private async Task DrainAsync()
    {
        _giveUp.CancelAfter(DrainTime);
        for (var i = 0; i < options.Value.CallsInFlight; i++)
        {
            await _slots.WaitAsync();
        }
    }

    private void SpanOfClaim(ClaimedCall call, DateTimeOffset claimedAt)
    {
        if (ActivityContext.TryParse(call.TraceParent, null, isRemote: true, out var parent))
        {
            using var span = PollingTelemetry.Source.StartActivity($"claim {type.Name()}", ActivityKind.Client, parent, startTime: claimedAt);
            span?.SetTag("db.system.name", "redis");
            span?.SetTag("db.operation.name", "EVALSHA");
            span?.SetTag("db.stored_procedure.name", "claim");
        }
    }

    private void LogTroubleOnce(Exception e)
    {
        if (!_inTrouble)
        {
            LogTrouble(logger, type.Name(), e.Message);
            _inTrouble = true;
        }
    }

    private static TimeSpan Shorter(TimeSpan a, TimeSpan b) => a < b ? a : b;

    [LoggerMessage(Level = LogLevel.Error, Message = "Claims of {TaskType} fail; they are tried again every second: {Reason}")]
    private static partial void LogTrouble(ILogger logger, string taskType, string reason);
}
