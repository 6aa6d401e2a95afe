using System.Globalization;
using Microsoft.Extensions.Options;
using Polling.Core.Cards;
using Polling.Core.Persistence.Usage;
using Polling.Core.Queue.Facts;
using Polling.Core.Queue.Quotas;
using Polling.Executor.Dialects;
using Polling.Executor.Gateway;

namespace Polling.Executor.UsageCycles;

/// <summary>
/// Asks carriers that state past cycles for those that are over: takes a few, asks one after the other of an account, writes each down at once.
/// </summary>
/// <remarks>
/// It has time: it asks by polling's budget, one call at a time of an account, and an account that refuses is left alone for a while. What
/// it held when it died is taken again after <see cref="Hold"/>, what it held when it was stopped at once.
/// </remarks>
internal sealed partial class CycleLoop(
    CycleClosing closing, DialectRegistry dialects, GatewayAccounts accounts, IOptions<ExecutorOptions> options,
    TimeProvider time, ILogger<CycleLoop> logger) : BackgroundService
{
    /// <summary>For so long a taken cycle is this executor's.</summary>
    public static readonly TimeSpan Hold = TimeSpan.FromMinutes(5);

    private const int CyclesPerAccount = 5;
    private static readonly TimeSpan Idle = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Pause = TimeSpan.FromMinutes(5);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            var taken = 0;
            try
            {
                taken = await RunOnceAsync(stoppingToken);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
#pragma warning disable CA1031 // The next pass may do better; what was taken is taken again when its hold ends.
            catch (Exception e)
#pragma warning restore CA1031
            {
                LogFailed(logger, e.Message);
            }

            if (taken == 0)
            {
                await Task.Delay(Idle, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    /// <summary>One pass.</summary>
    /// <returns>How many cycles were closed.</returns>
    internal async Task<int> RunOnceAsync(CancellationToken stopping)
    {
        var now = time.GetUtcNow();

        // Not cancelled: what was taken and not heard of would stay this executor's until its hold ends.
        var cycles = await closing.TakeAsync(CyclesPerAccount, now, Hold, CancellationToken.None);
        var stated = await Task.WhenAll(cycles.GroupBy(cycle => cycle.AccountId).Select(account => AskAsync([.. account], now + Hold, stopping)));
        if (stated.Sum() > 0)
        {
            LogStated(logger, stated.Sum());
        }

        return stated.Sum();
    }

    private async Task<int> AskAsync(EndedCycle[] cycles, DateTimeOffset heldUntil, CancellationToken stopping)
    {
        var stated = 0;
        for (var i = 0; i < cycles.Length; i++)
        {
            var cycle = cycles[i];
            try
            {
                stated += await AskAsync(cycle, heldUntil, stopping) ? 1 : 0;
            }
            catch (QuotaRefusedException e)
            {
                foreach (var left in cycles[i..])
                {
                    await closing.GiveBackAsync(left, time.GetUtcNow(), e.Decision.RetryAfter + TimeSpan.FromSeconds(1), wasAsked: false, stopping);
                }

                break;
            }
            catch (OperationCanceledException) when (stopping.IsCancellationRequested)
            {
                foreach (var left in cycles[i..])
                {
                    await closing.GiveBackAsync(left, time.GetUtcNow(), TimeSpan.Zero, wasAsked: false, CancellationToken.None);
                }

                throw;
            }
            catch (Exception e) when (e is LeaseTooShortException or GrantTooOldException)
            {
                await closing.GiveBackAsync(cycle, time.GetUtcNow(), TimeSpan.FromSeconds(1), wasAsked: false, stopping);
            }
        }

        return stated;
    }

    private async Task<bool> AskAsync(EndedCycle cycle, DateTimeOffset heldUntil, CancellationToken stopping)
    {
        if (accounts.Find(cycle.AccountId) is not { } account)
        {
            await closing.GiveBackAsync(cycle, time.GetUtcNow(), Pause, wasAsked: true, stopping);
            return false;
        }

        var call = new HeldCall(
            string.Create(CultureInfo.InvariantCulture, $"cycle-{cycle.CardId}-{cycle.Cycle:yyyyMMdd}"), cycle.AccountId, CallPriority.Polling, heldUntil,
            options.Value.TotalTimeout);
        var card = new CardFacts(cycle.CardId, cycle.AccountId, CardStatus.Active, RealNameStatus.NotRealNamed, 0, 0, cycle.Iccid);
        string? problem;
        try
        {
            var reading = await dialects.Of(cycle.Dialect).ReadPastCycleAsync(call, account, card, cycle.Cycle, stopping);
            problem = reading.Error ?? (reading.Value is < 0 or > Core.Packages.Package.AllowanceBytesMax ? Checks.Problem.BadValue : null);
            if (problem is null)
            {
                return await closing.StateAsync(cycle, reading.Value, time.GetUtcNow(), stopping);
            }
        }
        catch (GatewayException e)
        {
            problem = e.Code;
        }

        LogNotStated(logger, cycle.CardId, cycle.Cycle, account.Code, problem);
        await closing.GiveBackAsync(cycle, time.GetUtcNow(), Pause, wasAsked: true, stopping);
        return false;
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "计费周期关闭: {Stated} billing cycles were closed with what their carriers stated")]
    private static partial void LogStated(ILogger logger, int stated);

    [LoggerMessage(Level = LogLevel.Debug, Message = "The cycle from {Cycle} of card {CardId} was not stated by account {Account} and is asked for later: {Reason}")]
    private static partial void LogNotStated(ILogger logger, long cardId, DateOnly cycle, string account, string reason);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Past billing cycles could not be asked for; it is tried again: {Reason}")]
    private static partial void LogFailed(ILogger logger, string reason);
}
