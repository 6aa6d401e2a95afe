using System.Text.Json.Serialization;
using Polling.MockGateway.PassThrough;

namespace Polling.MockGateway.Control;

/// <summary>A partial update: what is not sent (or null) stays as it is.</summary>
internal sealed record BehaviourPatch(
    LatencyPatch? Latency,
    FaultPatch? Faults,
    NamingPatch? Naming,
    QuotaPatch? Quotas,
    ReadingPatch? Readings,
    AccessPatch? Access,
    JobPatch? Jobs,
    PassThroughPatch? PassThrough)
{
    public Behaviour ApplyTo(Behaviour old) => new()
    {
        Latency = Latency is not { } latency ? old.Latency : new()
        {
            Enabled = latency.Enabled ?? old.Latency.Enabled,
            MedianMs = latency.MedianMs ?? old.Latency.MedianMs,
            Sigma = latency.Sigma ?? old.Latency.Sigma,
            MaxMs = latency.MaxMs ?? old.Latency.MaxMs,
        },
        Faults = Faults is not { } faults ? old.Faults : new()
        {
            Http500 = faults.Http500 ?? old.Faults.Http500,
            OtherError = faults.OtherError ?? old.Faults.OtherError,
            Hang = faults.Hang ?? old.Faults.Hang,
            HangSeconds = faults.HangSeconds ?? old.Faults.HangSeconds,
            Truncated = faults.Truncated ?? old.Faults.Truncated,
            Http429 = faults.Http429 ?? old.Faults.Http429,
            WrongCard = faults.WrongCard ?? old.Faults.WrongCard,
            Rubbish = faults.Rubbish ?? old.Faults.Rubbish,
            RubbishKind = faults.RubbishKind ?? old.Faults.RubbishKind,
            LostAnswer = faults.LostAnswer ?? old.Faults.LostAnswer,
            Accounts = faults.Accounts ?? old.Faults.Accounts,
        },
        Naming = Naming is not { } naming ? old.Naming : new()
        {
            InitialShare = naming.InitialShare ?? old.Naming.InitialShare,
            MeanSeconds = naming.MeanSeconds ?? old.Naming.MeanSeconds,
        },
        Quotas = Quotas is not { } quotas ? old.Quotas : new()
        {
            Enforce = quotas.Enforce ?? old.Quotas.Enforce,
            CallsPerSecond = quotas.CallsPerSecond ?? old.Quotas.CallsPerSecond,
            Accounts = quotas.Accounts ?? old.Quotas.Accounts,
        },
        Readings = Readings is not { } readings ? old.Readings : new()
        {
            LagSeconds = readings.LagSeconds ?? old.Readings.LagSeconds,
            LateShare = readings.LateShare ?? old.Readings.LateShare,
            LateSeconds = readings.LateSeconds ?? old.Readings.LateSeconds,
            FallingShare = readings.FallingShare ?? old.Readings.FallingShare,
            Factor = readings.Factor ?? old.Readings.Factor,
        },
        Access = Access is not { } access ? old.Access : new()
        {
            TokenSeconds = access.TokenSeconds ?? old.Access.TokenSeconds,
            Secrets = access.Secrets ?? old.Access.Secrets,
        },
        Jobs = Jobs is not { } jobs ? old.Jobs : new() { Seconds = jobs.Seconds ?? old.Jobs.Seconds, FailedShare = jobs.FailedShare ?? old.Jobs.FailedShare },
        PassThrough = PassThrough?.ApplyTo(old.PassThrough) ?? old.PassThrough,
    };
}

internal sealed record LatencyPatch(bool? Enabled, double? MedianMs, double? Sigma, double? MaxMs);

internal sealed record FaultPatch(
    [property: JsonPropertyName(BehaviourJson.Http500)] double? Http500,
    double? OtherError,
    double? Hang,
    double? HangSeconds,
    double? Truncated,
    [property: JsonPropertyName(BehaviourJson.Http429)] double? Http429,
    double? WrongCard,
    double? Rubbish,
    string? RubbishKind,
    double? LostAnswer,
    List<string>? Accounts);

internal sealed record NamingPatch(double? InitialShare, double? MeanSeconds);

internal sealed record QuotaPatch(bool? Enforce, int? CallsPerSecond, Dictionary<string, int>? Accounts);

internal sealed record ReadingPatch(double? LagSeconds, double? LateShare, double? LateSeconds, double? FallingShare, double? Factor);

internal sealed record AccessPatch(int? TokenSeconds, Dictionary<string, string>? Secrets);

internal sealed record JobPatch(double? Seconds, double? FailedShare);

/// <summary>Body of <c>PUT /control/cards/{iccid}</c>.</summary>
internal sealed record CardPatch(bool? RealName, string? Account, string? Error, string? ErrorMessage, string? State, string? StoppedBy);
