using Polling.Core.Configuration;
using Polling.Core.Persistence.Results;
using Polling.Core.Queue.Facts;
using Polling.Executor.Checks;
using Polling.Executor.Dialects;
using Polling.Executor.Gateway;

namespace Polling.Executor.CardData;

/// <summary>Asks for the cumulative data usage. Which cycle a reading belongs to is not decided here.</summary>
internal sealed class CardDataCheck(DialectRegistry dialects, TimeProvider time, ILogger<CardDataCheck> logger)
    : TaskCheck<UsageReading>(dialects, time, logger)
{
    // Clocks differ; what is further ahead of ours is no time that a figure can be of.
    private static readonly TimeSpan AheadMax = TimeSpan.FromDays(1);

    public override TaskType Type => TaskType.Carddata;

    protected override Task<IReadOnlyList<CardReading<UsageReading>>> ReadAsync(
        IDialect dialect, CarrierCall call, GatewayAccount account, IReadOnlyList<CardFacts> cards, CancellationToken cancellation) =>
        dialect.ReadUsagesAsync(call, account, cards, cancellation);

    protected override (ResultPayload? Payload, string? Error) ToPayload(UsageReading reading, DateTimeOffset checkedAt) =>
        reading.AsOf > checkedAt + AheadMax ? (null, Problem.BadValue) : (new UsagePayload(reading.Cycle, reading.UsedBytes, reading.AsOf), null);
}
