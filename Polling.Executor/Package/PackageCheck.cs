using Polling.Core.Configuration;
using Polling.Core.Persistence.Results;
using Polling.Core.Queue.Facts;
using Polling.Executor.Checks;
using Polling.Executor.Dialects;
using Polling.Executor.Gateway;

namespace Polling.Executor.Package;

/// <summary>Asks for the package.</summary>
internal sealed class PackageCheck(DialectRegistry dialects, TimeProvider time, ILogger<PackageCheck> logger)
    : TaskCheck<PackageReading>(dialects, time, logger)
{
    public override TaskType Type => TaskType.Package;

    protected override Task<IReadOnlyList<CardReading<PackageReading>>> ReadAsync(
        IDialect dialect, CarrierCall call, GatewayAccount account, IReadOnlyList<CardFacts> cards, CancellationToken cancellation) =>
        dialect.ReadPackagesAsync(call, account, cards, cancellation);

    protected override (ResultPayload? Payload, string? Error) ToPayload(PackageReading reading, DateTimeOffset checkedAt) =>
        (new PackagePayload(reading.Code, reading.AllowanceBytes, reading.UsedBytes, reading.ValidUntil), null);
}
