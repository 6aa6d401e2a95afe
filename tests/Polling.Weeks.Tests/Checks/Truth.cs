using System.Globalization;
using Polling.Weeks.Tests.Fleet;
using Polling.Weeks.Tests.Processes;

namespace Polling.Weeks.Tests.Checks;

/// <param name="UsedBytes">Really used, up to now or to the cycle's end.</param>
/// <param name="HighestToldBytes">The highest figure that was told.</param>
internal readonly record struct TrueUse(long UsedBytes, long HighestToldBytes);

/// <summary>A stop or resume at the mock gateway.</summary>
/// <param name="Card">Its iccid.</param>
/// <param name="IsStop">False: a resume.</param>
/// <param name="Key">Idempotency key.</param>
/// <param name="IsOurs">False: by the carrier, over the control API.</param>
/// <param name="IsDone">It took effect.</param>
/// <param name="At">When.</param>
internal sealed record StopEvent(string Card, bool IsStop, string? Key, bool IsOurs, bool IsDone, DateTimeOffset At);

/// <summary>Reads what the mock gateway knows to be true.</summary>
internal static class Truth
{
    /// <summary>Of each card and cycle.</summary>
    public static async Task<IReadOnlyDictionary<(string Card, DateOnly Cycle), TrueUse>> UsesAsync(ApiClient gateway)
    {
        var uses = new Dictionary<(string, DateOnly), TrueUse>();
        foreach (var account in FleetSetup.Accounts)
        {
            foreach (var card in (await gateway.GetAsync($"control/truth?account={account}"))["cards"]!.AsArray())
            {
                foreach (var cycle in card!["cycles"]!.AsArray())
                {
                    uses.Add(
                        ((string)card["iccid"]!, DateOnly.Parse((string)cycle!["cycle"]!, CultureInfo.InvariantCulture)),
                        new((long)cycle["used_bytes"]!, (long)cycle["highest_told_bytes"]!));
                }
            }
        }

        return uses;
    }

    /// <summary>How many calls there were, and how many of them went wrong in which way.</summary>
    public static async Task<string> FaultsAsync(ApiClient gateway)
    {
        var accounts = (await gateway.GetAsync("control/ledger/summary?task=token"))["accounts"]!.AsArray();
        var faults = accounts.SelectMany(account => account!["faults"]!.AsObject()).GroupBy(fault => fault.Key, fault => (long)fault.Value!)
            .OrderBy(fault => fault.Key, StringComparer.Ordinal).Select(fault => $"{fault.Sum()} {fault.Key}");
        return $"{accounts.Sum(account => (long)account!["calls"]!)} calls, of them {string.Join(", ", faults)}";
    }

    /// <summary>All stops and resumes so far, oldest first.</summary>
    public static async Task<IReadOnlyList<StopEvent>> StopsAsync(ApiClient gateway)
    {
        var events = new List<StopEvent>();
        for (long since = 0; ;)
        {
            var page = await gateway.GetAsync($"control/stops?since_sequence={since}&limit=1000");
            events.AddRange(page["stops"]!.AsArray().Select(entry => new StopEvent(
                (string)entry!["iccid"]!, (string?)entry["action"] == "stop", (string?)entry["idempotency_key"], (string?)entry["result"] != "forced",
                (string?)entry["result"] is "0" or "forced" && !(bool)entry["repeated"]!, (DateTimeOffset)entry["at"]!)));
            since = (long)page["next_since_sequence"]!;
            if (!(bool)page["has_more"]!)
            {
                return events;
            }
        }
    }
}
