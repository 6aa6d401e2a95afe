using System.Text.Json;
using Polling.MockGateway.Control;
using Polling.MockGateway.Quotas;

namespace Polling.MockGateway.Faults;

/// <summary>What goes wrong with a call.</summary>
internal enum Fault
{
    None,
    Http500,
    OtherError,
    Hang,
    Truncated,
    Http429,

    /// <summary>The answer is about other cards.</summary>
    WrongCard,

    /// <summary>The answer, or values in it, are none that can be.</summary>
    Rubbish,

    /// <summary>A change is made and its answer never comes.</summary>
    LostAnswer,
}

/// <summary>Draws at most one fault a call, a function of (seed, account, number of the call).</summary>
internal static class FaultPlan
{
    public static Fault Draw(FaultBehaviour faults, long seed, CarrierAccount account, long call, bool isChange)
    {
        if (faults.Accounts.Count > 0 && !faults.Accounts.Contains(account.Code, StringComparer.Ordinal))
        {
            return Fault.None;
        }

        if (isChange && SeededDraw.Of(seed, SeededDraw.Purpose.LostAnswer, account.Hash, call) < faults.LostAnswer)
        {
            return Fault.LostAnswer;
        }

        var left = SeededDraw.Of(seed, SeededDraw.Purpose.Fault, account.Hash, call);
        ReadOnlySpan<(double Share, Fault Fault)> shares =
        [
            (faults.Http500, Fault.Http500),
            (faults.OtherError, Fault.OtherError),
            (faults.Hang, Fault.Hang),
            (faults.Truncated, Fault.Truncated),
            (faults.Http429, Fault.Http429),
            (faults.WrongCard, Fault.WrongCard),
            (faults.Rubbish, Fault.Rubbish),
        ];
        foreach (var (share, fault) in shares)
        {
            if (left < share)
            {
                return fault;
            }

            left -= share;
        }

        return Fault.None;
    }

    /// <summary>A fault's name, as its share is called in the control API.</summary>
    public static string NameOf(Fault fault) => fault switch
    {
        Fault.Http500 => BehaviourJson.Http500,
        Fault.Http429 => BehaviourJson.Http429,
        _ => JsonNamingPolicy.SnakeCaseLower.ConvertName(fault.ToString()),
    };

    /// <summary>Which rubbish a call gets: the one asked for, or any.</summary>
    public static string KindOf(FaultBehaviour faults, long seed, CarrierAccount account, long call) => faults.RubbishKind.Length > 0
        ? faults.RubbishKind
        : RubbishKind.All[(int)(SeededDraw.Of(seed, SeededDraw.Purpose.RubbishKind, account.Hash, call) * RubbishKind.All.Length)];
}

/// <summary>The names of rubbish in the control API.</summary>
internal static class RubbishKind
{
    public const string Html = "html";
    public const string Empty = "empty";
    public const string HugeBody = "huge_body";
    public const string BlankNumbers = "blank_numbers";
    public const string NegativeNumbers = "negative_numbers";
    public const string HugeNumbers = "huge_numbers";
    public const string Year1 = "year_1";
    public const string Year9999 = "year_9999";

    public static readonly string[] All = [Html, Empty, HugeBody, BlankNumbers, NegativeNumbers, HugeNumbers, Year1, Year9999];
}
