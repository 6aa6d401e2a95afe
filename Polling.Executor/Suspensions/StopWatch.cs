using Microsoft.Extensions.Options;
using Npgsql;
using Polling.Core.Cards;
using Polling.Core.Persistence.Suspensions;
using Polling.Core.Queue.Quotas;
using Polling.Executor.Dialects;
using Polling.Executor.Gateway;

namespace Polling.Executor.Suspensions;

/// <summary>
/// Looks from time to time at stopped cards: one that was resumed at the carrier's is active again, one whose carrier says it is stopped for
/// its own reason is no longer ours. A crash costs one look.
/// </summary>
internal sealed partial class StopWatch(
    SuspensionOutbox outbox, GatewayAccounts accounts, DialectRegistry dialects, ICardPlacement placement, IOptions<SuspensionOptions> options,
    IOptions<ExecutorOptions> executor, TimeProvider time, ILogger<StopWatch> logger) : BackgroundService
{
    private const int CardsPerLook = 20;
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(5);

    /// <summary>One look at the cards that were not looked at for longest.</summary>
    public async Task LookAsync(CancellationToken cancellation)
    {
        var now = time.GetUtcNow();
        foreach (var cardId in await outbox.TakeStopsAsync(now - TimeSpan.FromSeconds(options.Value.RecheckSeconds), now, CardsPerLook, cancellation))
        {
            if (await outbox.FindCardAsync(cardId, cancellation) is { StoppedBy: not null } card && accounts.Find(card.Card.AccountId) is { } account)
            {
                await LookAsync(card, account, cancellation);
            }
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Every, time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                await LookAsync(stoppingToken);
            }
            catch (Exception e) when (e is NpgsqlException or TimeoutException)
            {
                LogNotLooked(logger, e.Message);
            }
        }
    }

    private async Task LookAsync(SuspensionCard card, GatewayAccount account, CancellationToken cancellation)
    {
        var call = new HeldCall(
            $"stop-watch-{card.Card.CardId}", card.Card.AccountId, CallPriority.Polling, time.GetUtcNow() + executor.Value.Lease, executor.Value.TotalTimeout)
        {
            GivenUp = cancellation,
        };
        try
        {
            var stop = await dialects.Of(account).ReadStopAsync(call, account, card.Card, cancellation);
            if (stop.Value is { State: CarrierCardState.Active } || stop.Value is { State: CarrierCardState.Stopped, MayWeResume: false } && card.StoppedBySuspension is not null)
            {
                await outbox.RespectAsync(card.Card.CardId, stop.Value.State == CarrierCardState.Stopped, time.GetUtcNow());
                await placement.PlaceAsync([card.Card.CardId], CancellationToken.None);
                LogChanged(logger, card.Card.CardId, stop.Value.State, stop.Value.Reason);
            }
        }
#pragma warning disable CA1031 // The next look at the card may do better; others come first.
        catch (Exception e) when (!cancellation.IsCancellationRequested)
#pragma warning restore CA1031
        {
            LogNotTold(logger, card.Card.CardId, e.Message);
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Card {CardId} was changed at its carrier's: it is {State} there now ({Reason}); that is respected")]
    private static partial void LogChanged(ILogger logger, long cardId, CarrierCardState state, string? reason);

    [LoggerMessage(Level = LogLevel.Debug, Message = "Whether card {CardId} is stopped could not be told: {Reason}")]
    private static partial void LogNotTold(ILogger logger, long cardId, string reason);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Stopped cards are not looked at for now: {Reason}")]
    private static partial void LogNotLooked(ILogger logger, string reason);
}
