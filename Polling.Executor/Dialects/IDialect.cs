using Polling.Core.Cards;
using Polling.Core.Carriers;
using Polling.Core.Queue.Facts;
using Polling.Executor.Gateway;

namespace Polling.Executor.Dialects;

/// <summary>
/// How one kind of carrier is spoken to: addresses, authentication, envelope, units, errors. One folder each; docs/carriers.md tells how to add one.
/// </summary>
/// <remarks>
/// Every method sends through the one gateway client, so every request is charged to the account. Readings come back in the order of the cards.
/// Each may throw <see cref="GatewayException"/> (the call as a whole failed; its <see cref="GatewayException.Outcome"/> says what follows),
/// <see cref="QuotaRefusedException"/> and <see cref="LeaseTooShortException"/> (nothing was sent).
/// </remarks>
internal interface IDialect
{
    CarrierDialect Dialect { get; }

    /// <summary>Where the mock gateway speaks it, relative to its address: empty, or ending in a slash. Accounts with a base_url of their own do not use it.</summary>
    string MockRoot { get; }

    /// <summary>Cards that one call may name at most, whatever the account says.</summary>
    int CardsPerCallMax { get; }

    Task<IReadOnlyList<CardReading<RealNameStatus>>> ReadRealNamesAsync(
        CarrierCall call, GatewayAccount account, IReadOnlyList<CardFacts> cards, CancellationToken cancellation);

    Task<IReadOnlyList<CardReading<UsageReading>>> ReadUsagesAsync(
        CarrierCall call, GatewayAccount account, IReadOnlyList<CardFacts> cards, CancellationToken cancellation);

    Task<IReadOnlyList<CardReading<PackageReading>>> ReadPackagesAsync(
        CarrierCall call, GatewayAccount account, IReadOnlyList<CardFacts> cards, CancellationToken cancellation);

    /// <summary>What was used in the whole of a cycle that is over, bytes.</summary>
    /// <exception cref="NotSupportedException"><see cref="CarrierDialects.StatesPastCycles"/> is false.</exception>
    Task<CardReading<long>> ReadPastCycleAsync(
        CarrierCall call, GatewayAccount account, CardFacts card, DateOnly cycle, CancellationToken cancellation);

    /// <summary>Whether the carrier has stopped the card, and why.</summary>
    Task<CardReading<StopReading>> ReadStopAsync(CarrierCall call, GatewayAccount account, CardFacts card, CancellationToken cancellation);

    /// <summary>Stops a card or lets it go on.</summary>
    /// <param name="call">Charged before every other kind of call.</param>
    /// <param name="account">The account.</param>
    /// <param name="card">The card.</param>
    /// <param name="isStopped">What it is to be.</param>
    /// <param name="idempotencyKey">The carrier does what has the same key once.</param>
    /// <param name="cancellation">Gives it up; whether it was done is unknown then.</param>
    Task<ChangeReading> ChangeStopAsync(
        CarrierCall call, GatewayAccount account, CardFacts card, bool isStopped, string idempotencyKey, CancellationToken cancellation);

    /// <summary>How far an asynchronous job is.</summary>
    Task<ChangeReading> ReadJobAsync(CarrierCall call, GatewayAccount account, CardFacts card, string jobId, CancellationToken cancellation);
}
