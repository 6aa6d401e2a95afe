using System.Diagnostics;
using Microsoft.Extensions.Options;
using Polling.Core.Configuration;
using Polling.Core.Queue.Claims;
using Polling.Core.Queue.Signals;
using Polling.Core.Telemetry;
using Polling.Executor.Calls;

namespace Polling.Executor.Claims;

/// <summary>
/// Claims calls of one task type, as many as this process has room for, and starts them. When the process is told to stop it claims no more,
/// waits for the running calls, and gives up those that take too long: their cards are handed back.
/// </summary>
/// <remarks>It learns of the stop at once, not when its turn comes: hosted services stop one after the other.</remarks>
internal sealed partial class ClaimLoop(
    TaskType type, ClaimScripts claims, QueueSignals signals, CallRunner runner, LeaseRenewal leases, ExecutorIdentity identity, PollingInstruments instruments,
    IOptions<ExecutorOptions> options, IHostApplicationLifetime lifetime, TimeProvider time, ILogger<ClaimLoop> logger) : BackgroundService
{
    private const int CallsPerClaim = 32;

    // Without a signal: expired leases are found by claims, so claims go on when nothing is admitted.
    private static readonly TimeSpan LongestIdle = TimeSpan.FromSeconds(1);

    // No permit is free; the end of others' calls gives no signal.
    private static readonly TimeSpan PermitPause = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan TroublePause = TimeSpan.FromSeconds(1);
    private readonly CallRoom _room = new(options.Value.CallsInFlight);
    private readonly CancellationTokenSource _giveUp = new();
    private QueueSignal? _admitted;
    private long _sequence;
    private DateTimeOffset? _firstAskedAt;
    private bool _inTrouble;

    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        _admitted = await signals.ListenAsync(type, SignalKind.Admitted);
        await base.StartAsync(cancellationToken);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var stopping = lifetime.ApplicationStopping;
        while (!stopping.IsCancellationRequested)
        {
            await _room.WaitAsync(stopping).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (stopping.IsCancellationRequested)
            {
                break;
            }

            if (await ClaimAsync() is { } pause)
            {
                await _admitted!.WaitAsync(pause, stopping).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }

        await DrainAsync();
    }

    public override void Dispose()
    {
        _room.Dispose();
        _admitted?.Dispose();
        _giveUp.Dispose();
        base.Dispose();
    }

    /// <summary>One claim, whose calls are started.</summary>
    /// <returns>How long to wait for a signal before the next; null = claim again at once, there may be more.</returns>
    private async Task<TimeSpan?> ClaimAsync()
    {
        var room = Math.Min(_room.Free, CallsPerClaim);
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
            return TroublePause;
        }

        _inTrouble = false;
        instruments.LeasesExpired(type, reply.ExpiredLeases);
        foreach (var call in reply.Calls)
        {
            SpanOfClaim(call, askedAt);
            _ = RunAsync(new CallLease(call, askedAt, leasedAt, options.Value.Lease), await _room.TakeAsync());
        }

        return reply.Calls.Count == room ? null : reply.PermitsHeld >= reply.PermitsAllowed ? PermitPause : LongestIdle;
    }

    private async Task RunAsync(CallLease lease, CallPlace place)
    {
        await Task.Yield();
        using var taken = place;
        leases.Hold(lease);
        try
        {
            await runner.RunAsync(lease, place, _giveUp.Token);
        }
        finally
        {
            leases.LetGo(lease);
        }
    }

    private async Task DrainAsync()
    {
        _giveUp.CancelAfter(options.Value.Drain);
        await _room.DrainAsync();
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

    [LoggerMessage(Level = LogLevel.Error, Message = "Claims of {TaskType} fail; they are tried again every second: {Reason}")]
    private static partial void LogTrouble(ILogger logger, string taskType, string reason);
}
