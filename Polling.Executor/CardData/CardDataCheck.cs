using System.Text.Json.Serialization.Metadata;
using Polling.Core.Configuration;
using Polling.Core.Persistence.Results;
using Polling.Executor.Checks;
using Polling.Executor.Gateway;

namespace Polling.Executor.CardData;

/// <summary>One card of a usage answer.</summary>
/// <param name="Id">Number of the card.</param>
/// <param name="Status">"0" = OK.</param>
/// <param name="UsedKb">Used since the billing cycle began.</param>
internal sealed record CardDataAnswer(string? Id, string? Status, GatewayAmount UsedKb) : IGatewayAnswer;

/// <summary>Asks for the cumulative data usage.</summary>
internal sealed class CardDataCheck(GatewayClient gateway, TimeProvider time, ILogger<CardDataCheck> logger)
    : TaskCheck<CardDataAnswer>(gateway, time, logger)
{
    public override TaskType Type => TaskType.Carddata;

    protected override JsonTypeInfo<GatewayResponse<CardDataAnswer>> Json => GatewayJson.Default.GatewayResponseCardDataAnswer;

    // The carrier says neither which cycle it is nor as of when: the ledger finds out.
    protected override (ResultPayload? Payload, string? Error) ReadValue(CardDataAnswer answer, GatewayAccount account, DateTimeOffset checkedAt)
    {
        if (answer.UsedKb.Value is not { } usedKb)
        {
            return (null, answer.UsedKb.IsBad ? Problem.BadValue : Problem.NoValue);
        }

        return (new UsagePayload(null, usedKb * GatewayAmount.BytesPerKb, null), null);
    }
}
