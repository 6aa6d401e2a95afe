using System.Globalization;
using Polling.MockGateway.Calls;
using Polling.MockGateway.Cards;

namespace Polling.MockGateway.Ledger;

/// <summary>Looks through a snapshot of the ledger.</summary>
internal static class LedgerQueries
{
    /// <summary>What to look for; null: any.</summary>
    internal sealed record Filter(string? Account, string? Caller, string? Task, CardId? Card, long SinceSequence, int Limit);

    public static LedgerPage Page(CallLedger.Snapshot ledger, Filter filter)
    {
        var found = new List<LedgerEntry>();
        var next = filter.SinceSequence;
        foreach (var view in ledger.Segments)
        {
            if (view.Count == 0 || view.Call(view.Count - 1).Sequence <= filter.SinceSequence)
            {
                continue;
            }

            for (var i = 0; i < view.Count; i++)
            {
                ref readonly var call = ref view.Call(i);
                if (call.Sequence <= filter.SinceSequence || !Matches(call, view.Answers(i), filter))
                {
                    continue;
                }

                if (found.Count == filter.Limit)
                {
                    return new(found, next, HasMore: true, ledger.TotalCalls, ledger.DroppedCalls);
                }

                found.Add(Entry(call, view.Answers(i)));
                next = call.Sequence;
            }
        }

        return new(found, Math.Max(next, ledger.TotalCalls), HasMore: false, ledger.TotalCalls, ledger.DroppedCalls);
    }

    public static CardHistory History(CallLedger.Snapshot ledger, CardId card, string iccid, string? task, int limit)
    {
        var page = Page(ledger, new(null, null, task, card, 0, limit));
        var gap = page.Calls.Where(call => call.Cards.Any(entry => entry.Id == iccid && entry.Status is not null))
            .GroupBy(call => call.Task, StringComparer.Ordinal)
            .Select(calls => calls.Select(call => call.ReceivedAt).Order().ToList())
            .SelectMany(times => times.Zip(times.Skip(1), (a, b) => (double?)(b - a).TotalMilliseconds))
            .Min();
        var calls = page.Calls.Select(call => call with { Cards = [.. call.Cards.Where(entry => entry.Id == iccid)] }).ToList();
        return new(iccid, calls.Count, gap, calls);
    }

    private static bool Matches(in LedgerCall call, ReadOnlySpan<CardAnswer> answers, Filter filter)
    {
        if ((filter.Account is not null && !string.Equals(call.Account, filter.Account, StringComparison.Ordinal))
            || (filter.Task is not null && !string.Equals(call.Task, filter.Task, StringComparison.Ordinal))
            || (filter.Caller is not null && !string.Equals(call.Caller, filter.Caller, StringComparison.Ordinal)))
        {
            return false;
        }

        if (filter.Card is not { } card)
        {
            return true;
        }

        foreach (ref readonly var answer in answers)
        {
            if (answer.Card == card)
            {
                return true;
            }
        }

        return false;
    }

    private static LedgerEntry Entry(in LedgerCall call, ReadOnlySpan<CardAnswer> answers)
    {
        var cards = new LedgerCard[answers.Length];
        for (var i = 0; i < answers.Length; i++)
        {
            cards[i] = Card(answers[i]);
        }

        return new(
            call.Sequence,
            call.Caller,
            call.Account,
            call.Task,
            Microseconds.ToTime(call.ReceivedUs),
            Microseconds.ToTime(call.AnsweredUs),
            call.Status,
            call.HttpStatus,
            call.Trace.Text,
            call.IdempotencyKey,
            cards.Length,
            cards);
    }

    private static LedgerCard Card(in CardAnswer answer) => answer.Outcome switch
    {
        CardOutcome.RealNamed => new(answer.Card.ToString(), CarrierStatus.Ok, true, null),
        CardOutcome.NotRealNamed => new(answer.Card.ToString(), CarrierStatus.Ok, false, null),
        CardOutcome.Usage => new(answer.Card.ToString(), CarrierStatus.Ok, null, answer.Value),
        CardOutcome.Told => new(answer.Card.ToString(), CarrierStatus.Ok, null, null),
        CardOutcome.Refused => new(answer.Card.ToString(), answer.Value.ToString(CultureInfo.InvariantCulture), null, null),
        _ => new(answer.Card.ToString(), null, null, null),
    };
}
