using System.Collections.Concurrent;
using Microsoft.Extensions.Options;
using Polling.Core.Queue.Renewal;
using StackExchange.Redis;

namespace Polling.Executor.Claims;

/// <summary>
/// Renews the leases of calls that take long: a slow carrier, an asynchronous job, results that wait for PostgreSQL. Short calls never
/// need it.
/// </summary>
/// <remarks>
/// Each look renews what has less than two thirds of a lease left, so a renewal may fail twice before a lease is lost. A process
/// that stood still (SIGSTOP) finds its leases gone and gives their calls up. A call is renewed for a bounded time: one that hangs
/// for ever gives its cards back.
/// </remarks>
internal sealed partial class LeaseRenewal(
    RenewalScript renewals, IOptions<ExecutorOptions> options, TimeProvider time, ILogger<LeaseRenewal> logger) : BackgroundService
{
    private const int LooksPerLease = 6;
    private readonly ConcurrentDictionary<CallLease, byte> _held = [];

    /// <summary>Keeps a lease until the call has ended and it is disposed of.</summary>
    public void Hold(CallLease lease) => _held.TryAdd(lease, 0);

    /// <summary>The call has ended.</summary>
    public void LetGo(CallLease lease) => _held.TryRemove(lease, out _);

    /// <summary>One look.</summary>
    public async Task RenewAsync()
    {
        var now = time.GetUtcNow();
        var soon = now + options.Value.Lease * 2 / 3;
        var due = _held.Keys.Where(l => l.EndsAt < soon && l.EndsAt > now && now - l.LeasedAt < options.Value.RenewFor).ToArray();
        if (due.Length == 0)
        {
            return;
        }

        var renewed = await renewals.RenewAsync(Array.ConvertAll(due, l => l.Call), options.Value.Lease);
        for (var i = 0; i < due.Length; i++)
        {
            if (renewed[i])
            {
                due[i].Renewed(now + options.Value.Lease);
            }
            else
            {
                due[i].Lost();
                LogLost(logger, due[i].Call.Id, due[i].Call.Cards.Count);
            }
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(options.Value.Lease / LooksPerLease, time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                await RenewAsync();
            }
            catch (Exception e) when (e is RedisException or TimeoutException)
            {
                LogNotRenewed(logger, e.Message);
            }
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "The lease of call {CallId} with {Cards} cards was lost; somebody else asks them")]
    private static partial void LogLost(ILogger logger, string callId, int cards);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Leases could not be renewed; the next look tries again: {Reason}")]
    private static partial void LogNotRenewed(ILogger logger, string reason);
}
