using Polling.MockGateway.Control;

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
}

/// <summary>Draws at most one fault a call, a function of (seed, account, number of the call).</summary>
internal static class FaultPlan
{
    public static Fault Draw(FaultBehaviour faults, long seed, ulong account, string accountCode, long call)
    {
        if (faults.Accounts.Count > 0 && !faults.Accounts.Contains(accountCode, StringComparer.Ordinal))
        {
            return Fault.None;
        }

        var left = SeededDraw.Of(seed, SeededDraw.Purpose.Fault, account, call);
        ReadOnlySpan<(double Share, Fault Fault)> shares =
        [
            (faults.Http500, Fault.Http500),
            (faults.OtherError, Fault.OtherError),
            (faults.Hang, Fault.Hang),
            (faults.Truncated, Fault.Truncated),
            (faults.Http429, Fault.Http429),
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
}
