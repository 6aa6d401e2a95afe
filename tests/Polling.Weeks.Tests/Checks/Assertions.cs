namespace Polling.Weeks.Tests.Checks;

/// <summary>What must hold at the end; each gives the sentences about what does not.</summary>
internal static class Assertions
{
    /// <summary>The ledger is the highest reading, and the truth where the carrier stated it.</summary>
    public static IEnumerable<string> Ledger(IReadOnlyList<LedgerRow> ledger, IReadOnlyDictionary<(string Card, DateOnly Cycle), TrueUse> truth)
    {
        var unsure = Unsure(ledger, truth);
        foreach (var row in ledger.Where(row => !unsure.Contains((row.Card, row.Cycle))))
        {
            if (!truth.TryGetValue((row.Card, row.Cycle), out var use))
            {
                yield return $"card {row.Card} has {row.UsedBytes} bytes in the cycle from {row.Cycle:yyyy-MM-dd}, of which no figure was told";
            }
            else if (row.IsStated ? row.UsedBytes != use.UsedBytes : row.UsedBytes != use.HighestToldBytes)
            {
                yield return $"card {row.Card}, cycle from {row.Cycle:yyyy-MM-dd}: ledger {row.UsedBytes}{(row.IsStated ? " (stated)" : "")}, truth {use.UsedBytes}, highest told {use.HighestToldBytes}";
            }
        }

        var rows = ledger.Select(row => (row.Card, row.Cycle)).ToHashSet();
        foreach (var (card, cycle) in truth.Keys.Where(key => !rows.Contains(key) && truth[key].HighestToldBytes > 0 && !unsure.Contains(key)))
        {
            yield return $"card {card} lacks the cycle from {cycle:yyyy-MM-dd} in the ledger";
        }
    }

    // For two days after a reset a carrier that names no cycle leaves open whose a figure is, if it is a good part of what the old cycle ended with (docs/usage.md).
    private static HashSet<(string Card, DateOnly Cycle)> Unsure(
        IReadOnlyList<LedgerRow> ledger, IReadOnlyDictionary<(string Card, DateOnly Cycle), TrueUse> truth) =>
    [
        .. ledger.Where(row => row.IsSilent && truth.TryGetValue((row.Card, row.Cycle.AddMonths(1)), out var next)
                && next.HighestToldBytes >= truth.GetValueOrDefault((row.Card, row.Cycle)).HighestToldBytes / 4)
            .SelectMany(row => new[] { (row.Card, row.Cycle), (row.Card, row.Cycle.AddMonths(1)) }),
    ];

    /// <summary>Nobody was suspended who was not over, and each suspension and resume was carried out once.</summary>
    public static IEnumerable<string> Suspensions(
        IReadOnlyList<SuspensionRow> suspensions, IReadOnlyList<StopEvent> events, IReadOnlyDictionary<(string Card, DateOnly Cycle), TrueUse> truth)
    {
        foreach (var row in suspensions.Where(row => row.ByLimit && row.IsDone))
        {
            if (!truth.TryGetValue((row.Card, row.Cycle), out var use) || use.UsedBytes < row.LimitBytes || row.UsedBytes > use.UsedBytes)
            {
                yield return $"card {row.Card} was suspended at {row.UsedBytes} of {row.LimitBytes} bytes; truly used in that cycle: {use.UsedBytes}";
            }
        }

        var effects = events.Where(e => e is { IsOurs: true, IsDone: true, Key: not null }).ToLookup(e => e.Key!);
        foreach (var row in suspensions)
        {
            var count = effects[$"{row.Id}"].Count(e => e.Card == row.Card && e.IsStop == row.IsStop);
            if (count != (row.IsDone ? 1 : 0) && !(row.State is 3 or 4 or 12 && count <= 1))
            {
                yield return $"suspension {row.Id} of card {row.Card} (state {row.State}) took effect {count} times at the carrier";
            }
        }

        var ids = suspensions.Select(row => $"{row.Id}").ToHashSet();
        foreach (var key in effects.Select(group => group.Key).Where(key => !ids.Contains(key)))
        {
            yield return $"the carrier has a change with the key {key}, which is none of ours";
        }
    }

    /// <summary>What others stopped stays stopped.</summary>
    public static IEnumerable<string> Respected(IReadOnlyCollection<string> cards, IReadOnlyList<StopEvent> events)
    {
        foreach (var card in cards)
        {
            if (events.LastOrDefault(e => e.Card == card && e.IsDone) is not { IsStop: true })
            {
                yield return $"card {card} was stopped by the carrier or a person, and goes again";
            }
        }
    }

    /// <summary>Who was topped up was resumed, and suspended again when it was over the new limit.</summary>
    /// <param name="limits">The new limits, by the card's id.</param>
    /// <param name="suspensions">All.</param>
    public static IEnumerable<string> TopUps(IReadOnlyDictionary<long, long> limits, IReadOnlyList<SuspensionRow> suspensions)
    {
        foreach (var (card, limit) in limits)
        {
            var rows = suspensions.Where(row => row.CardId == card && row.IsDone).ToArray();
            var resumed = Array.FindIndex(rows, row => !row.IsStop);
            if (resumed < 0 || !rows.Skip(resumed).Any(row => row.ByLimit && row.LimitBytes == limit))
            {
                yield return $"card {card} was topped up to {limit} bytes and was not resumed and suspended again: "
                    + string.Join(", ", rows.Select(row => $"{(row.IsStop ? "stop" : "resume")} at {row.LimitBytes}"));
            }
        }
    }
}
