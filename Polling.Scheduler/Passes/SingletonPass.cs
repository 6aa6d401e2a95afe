using Npgsql;
using Polling.Core.Persistence;

namespace Polling.Scheduler.Passes;

/// <summary>
/// A pass that one scheduler at a time does, under a row lease in PostgreSQL. The lease is renewed before each pass and given up when
/// the process stops; when the process dies, another takes over within the lease's length.
/// </summary>
internal abstract class SingletonPass(NpgsqlDataSource postgres, string job, TimeProvider time, ILogger logger) : Pass(time, logger)
{
    private static readonly TimeSpan LeaseLength = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan NotMine = TimeSpan.FromSeconds(2);
    private readonly SingletonLease _lease = new(
        postgres, job, $"{Environment.MachineName}:{Environment.ProcessId}:{Guid.NewGuid():N}", LeaseLength);

    private long? _term;

    public sealed override async Task<TimeSpan> RunOnceAsync(CancellationToken cancellation) =>
        await HoldAsync(cancellation) ? await RunHeldAsync(cancellation) : NotMine;

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        if (ExecuteTask is not null)
        {
            await _lease.ReleaseAsync(cancellationToken);
        }
    }

    /// <summary>One pass of the holder.</summary>
    /// <returns>How long to wait before the next.</returns>
    protected abstract Task<TimeSpan> RunHeldAsync(CancellationToken cancellation);

    /// <summary>Renews the lease, or takes it when it is free.</summary>
    /// <returns>False: another holds it.</returns>
    protected async Task<bool> HoldAsync(CancellationToken cancellation)
    {
        if (_term is not { } term || !await _lease.RenewAsync(term, cancellation))
        {
            _term = await _lease.AcquireAsync(cancellation);
        }

        return _term is not null;
    }

    /// <summary>Makes a transaction of the holder fail when another may have taken over meanwhile.</summary>
    /// <exception cref="SingletonLeaseLostException">The term is over; the transaction must be rolled back.</exception>
    protected Task FenceAsync(NpgsqlTransaction transaction, CancellationToken cancellation) =>
        _lease.FenceAsync(_term ?? 0, transaction, cancellation);
}
