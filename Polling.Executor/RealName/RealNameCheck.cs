using System.Text.Json.Serialization.Metadata;
using Polling.Core.Cards;
using Polling.Core.Configuration;
using Polling.Core.Persistence.Results;
using Polling.Executor.Checks;
using Polling.Executor.Gateway;

namespace Polling.Executor.RealName;

/// <summary>One card of a real-name answer.</summary>
internal sealed record RealNameAnswer(string? Id, string? Status, bool? RealName) : IGatewayAnswer;

/// <summary>Asks for the real-name status.</summary>
internal sealed class RealNameCheck(GatewayClient gateway, TimeProvider time, ILogger<RealNameCheck> logger)
    : TaskCheck<RealNameAnswer>(gateway, time, logger)
{
    public override TaskType Type => TaskType.Realname;

    protected override JsonTypeInfo<GatewayResponse<RealNameAnswer>> Json => GatewayJson.Default.GatewayResponseRealNameAnswer;

    protected override (ResultPayload? Payload, string? Error) ReadValue(RealNameAnswer answer, GatewayAccount account, DateTimeOffset checkedAt) =>
        answer.RealName is { } named
            ? (new RealNamePayload(named ? RealNameStatus.RealNamed : RealNameStatus.NotRealNamed), null)
            : (null, Problem.NoValue);
}
