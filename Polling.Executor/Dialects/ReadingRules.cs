using System.Text.Json;
using Polling.Core.Cards;
using Polling.Executor.Checks;
using Polling.Executor.Gateway;

namespace Polling.Executor.Dialects;

/// <summary>Puts readings together from fields, as far as all dialects do it alike.</summary>
internal static class ReadingRules
{
    /// <summary>The carrier has no usage of the card yet. That is an answer, and not 0.</summary>
    public static CardReading<UsageReading> NoUsage { get; } = new(null, null);

    /// <summary>A usage, as of a moment, of a cycle.</summary>
    public static CardReading<UsageReading> Usage((long Bytes, string? Problem) used, GatewayTime asOf = default, (DateOnly? Day, bool IsBad) cycle = default) =>
        used.Problem is { } problem ? CardReading<UsageReading>.Wrong(problem)
        : asOf.IsBad || cycle.IsBad ? CardReading<UsageReading>.Wrong(Problem.BadValue)
        : CardReading<UsageReading>.Of(new UsageReading(used.Bytes, asOf.Value, cycle.Day));

    /// <summary>Bytes and nothing else.</summary>
    public static CardReading<long> Bytes((long Bytes, string? Problem) used) =>
        used.Problem is { } problem ? CardReading<long>.Wrong(problem) : CardReading<long>.Of(used.Bytes);

    /// <summary>A package. Without a code or an allowance the answer says nothing; the other two may be missing.</summary>
    public static CardReading<PackageReading> Package(
        string? code, (long? Bytes, string? Problem) allowance, (long? Bytes, string? Problem) used = default, GatewayTime validUntil = default) =>
        (allowance.Problem ?? used.Problem) is { } problem ? CardReading<PackageReading>.Wrong(problem)
        : validUntil.IsBad || code is { Length: > CardPackage.PackageCodeLengthMax } ? CardReading<PackageReading>.Wrong(Problem.BadValue)
        : code is null || allowance.Bytes is not { } bytes ? CardReading<PackageReading>.Wrong(Problem.NoValue)
        : CardReading<PackageReading>.Of(new PackageReading(code, bytes, used.Bytes, validUntil.Value));

    /// <summary>A real-name status; null: it was not told.</summary>
    public static CardReading<RealNameStatus> RealName(bool? isNamed) => isNamed is { } named
        ? CardReading<RealNameStatus>.Of(named ? RealNameStatus.RealNamed : RealNameStatus.NotRealNamed)
        : CardReading<RealNameStatus>.Wrong(Problem.NoValue);

    /// <summary>"1" or "0", a number or a text.</summary>
    public static CardReading<RealNameStatus> RealName(JsonElement answer, string field) => answer.Text(field) switch
    {
        "1" => RealName(true),
        "0" => RealName(false),
        null => RealName(null),
        _ => CardReading<RealNameStatus>.Wrong(Problem.BadValue),
    };

    /// <summary>A state by its name: which is active, which is stopped, and whose stop we may lift.</summary>
    public static CardReading<StopReading> Stop(string? state, string active, string stopped, string? reason, string ours) => state is null
        ? CardReading<StopReading>.Wrong(Problem.NoValue)
        : CardReading<StopReading>.Of(new StopReading(
            state == active ? CarrierCardState.Active : state == stopped ? CarrierCardState.Stopped : CarrierCardState.Other, reason == ours, reason));
}
