using Polling.MockGateway.Calls;
using Polling.MockGateway.Cards;
using Polling.MockGateway.Quotas;

namespace Polling.MockGateway.Ledger;

/// <summary>
/// Sums the ledger up. The gaps between calls of one task about one card come from sorting all answers by card, task and time: exact whatever order the
/// calls were answered in, and about a second for two million.
/// </summary>
internal static class LedgerSummaries
{
    /// <param name="ledger">The calls.</param>
    /// <param name="accounts">Figures of accounts; all tasks share them.</param>
    /// <param name="withinSeconds">For duplicates.</param>
    /// <param name="task">Only calls of this task; null: all.</param>
    public static LedgerSummary Of(CallLedger.Snapshot ledger, CarrierAccounts accounts, double withinSeconds, string? task)
    {
        var callers = new Dictionary<string, long>(StringComparer.Ordinal);
        var statuses = new Dictionary<string, long>(StringComparer.Ordinal);
        var asks = new List<Ask>();
        foreach (var view in ledger.Segments)
        {
            for (var i = 0; i < view.Count; i++)
            {
                ref readonly var call = ref view.Call(i);
                if (task is not null && !string.Equals(call.Task, task, StringComparison.Ordinal))
                {
                    continue;
                }

                callers[call.Caller] = callers.GetValueOrDefault(call.Caller) + 1;
                var status = call.Status.Length > 0 ? call.Status : $"http_{call.HttpStatus}";
                statuses[status] = statuses.GetValueOrDefault(status) + 1;
                foreach (ref readonly var answer in view.Answers(i))
                {
                    asks.Add(new(answer.Card, call.Task, call.ReceivedUs, answer.Outcome != CardOutcome.NoAnswer));
                }
            }
        }

        asks.Sort();
        var gaps = Gaps(asks, (long)(withinSeconds * Microseconds.PerSecond));
        return new(
            ledger.TotalCalls,
            ledger.DroppedCalls,
            ledger.DroppedCards,
            gaps.Distinct,
            gaps.Answered,
            withinSeconds,
            gaps.Duplicates,
            gaps.MinUs / 1000.0,
            gaps.MinCard?.ToString(),
            [.. accounts.All.Select(account => Account(account.Read())).Where(account => account.Calls > 0)],
            callers,
            statuses);
    }

    private static (long Distinct, long Answered, long Duplicates, long? MinUs, CardId? MinCard) Gaps(List<Ask> asks, long withinUs)
    {
        long distinct = 0, answered = 0, duplicates = 0;
        long? min = null;
        CardId? minCard = null;
        for (var i = 0; i < asks.Count;)
        {
            var card = asks[i].Card;
            long? previous = null;
            var previousTask = "";
            var duplicate = false;
            distinct++;
            for (; i < asks.Count && asks[i].Card == card; i++)
            {
                if (!asks[i].Answered)
                {
                    continue; // A call that failed may be repeated at once.
                }

                if (previous is { } last && string.Equals(previousTask, asks[i].Task, StringComparison.Ordinal))
                {
                    var gap = asks[i].AtUs - last;
                    duplicate |= gap < withinUs;
                    if (min is null || gap < min)
                    {
                        (min, minCard) = (gap, card);
                    }
                }

                (previous, previousTask) = (asks[i].AtUs, asks[i].Task);
            }

            answered += previous is null ? 0 : 1;
            duplicates += duplicate ? 1 : 0;
        }

        return (distinct, answered, duplicates, min, minCard);
    }

    private static AccountSummary Account(CarrierAccount.AccountFigures figures) => new(
        figures.Code,
        figures.Calls,
        figures.Refused,
        figures.MaxPerSecond,
        figures.MaxPerSecond == 0 ? null : Microseconds.ToTime(figures.MaxAtUs),
        figures.MaxAdmittedPerSecond,
        figures.Faults);

    private readonly record struct Ask(CardId Card, string Task, long AtUs, bool Answered) : IComparable<Ask>
    {
        public int CompareTo(Ask other) =>
            Card.CompareTo(other.Card) is var card and not 0 ? card
            : string.CompareOrdinal(Task, other.Task) is var task and not 0 ? task
            : AtUs.CompareTo(other.AtUs);
    }
}
