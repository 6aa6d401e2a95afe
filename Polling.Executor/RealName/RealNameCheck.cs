using Polling.Core.Cards;
using Polling.Core.Configuration;
using Polling.Core.Persistence.Results;
using Polling.Core.Queue.Facts;
using Polling.Executor.Checks;
using Polling.Executor.Dialects;
using Polling.Executor.Gateway;

namespace Polling.Executor.RealName;

/// <summary>Asks for the real-name status.</summary>
internal sealed class RealNameCheck(DialectRegistry dialects, TimeProvider time, ILogger<RealNameCheck> logger)
    : TaskCheck<RealNameStatus>(dialects, time, logger)
{
    public override TaskType Type => TaskType.Realname;

    protected override Task<IReadOnlyList<CardReading<RealNameStatus>>> ReadAsync(
        IDialect dialect, CarrierCall call, GatewayAccount account, IReadOnlyList<CardFacts> cards, CancellationToken cancellation) =>
        dialect.ReadRealNamesAsync(call, account, cards, cancellation);

    protected override (ResultPayload? Payload, string? Error) ToPayload(RealNameStatus reading, DateTimeOffset checkedAt) =>
        (new RealNamePayload(reading), null);
}
