using Polling.Core.Cards;
using Polling.Core.Persistence.Suspensions;
using Polling.Core.Suspensions;

namespace Polling.Executor.Suspensions;

/// <summary>Whether a suspension or resume is still to be carried out.</summary>
/// <param name="IsGone">No: its reason is gone.</param>
/// <param name="IsUnknown">It cannot be told now.</param>
/// <param name="Why">In words; a code when it cannot be told.</param>
internal readonly record struct Verdict(bool IsGone, bool IsUnknown, string Why)
{
    public static readonly Verdict Stands = new(false, false, "");

    public static Verdict Gone(string why) => new(true, false, why);

    public static Verdict Unknown(string code) => new(false, true, code);
}

/// <summary>
/// Judges right before the carrier is asked: the ledger must say so still, and what the carrier answers to a fresh question, too. A card must
/// never be suspended by mistake: what cannot be told is not done.
/// </summary>
internal sealed class SuspensionReasons(OverLimit limits)
{
    private const string NoReading = "no_answer";
    private const string Stale = "stale_reading";

    public async Task<Verdict> JudgeAsync(SuspensionWork work, SuspensionCard card, AskedCarrier carrier, DateTimeOffset now)
    {
        if (card.Card.Status is not (CardStatus.Active or CardStatus.Suspended))
        {
            return Verdict.Gone("the card is neither active nor suspended");
        }

        if (work.IsManual)
        {
            return (card.StoppedBy is not null) == work.IsStop && (work.IsStop || card.Card.Status == CardStatus.Active)
                ? Verdict.Gone(work.IsStop ? "the card is stopped already" : "the card is not stopped")
                : Verdict.Stands;
        }

        var decision = (await limits.ReadAsync([work.CardId], now, carrier.Stopping)).GetValueOrDefault(work.CardId);
        return work.IsStop ? await StopAsync(work, card, carrier, decision) : Resume(card, decision);
    }

    private static async Task<Verdict> StopAsync(SuspensionWork work, SuspensionCard card, AskedCarrier carrier, LimitDecision? decision)
    {
        if (card.Card.Status != CardStatus.Active || card.StoppedBy is not null)
        {
            return Verdict.Gone("the card is stopped already");
        }

        if (card.Episode != work.Episode)
        {
            return Verdict.Gone("its allowance was changed, or it was resumed");
        }

        if (decision is null || decision.Cycle != work.Cycle)
        {
            return Verdict.Gone("its billing cycle has ended");
        }

        if (decision.IsExempt)
        {
            return Verdict.Gone("the card is exempt");
        }

        if (decision.Rule != work.Rule)
        {
            return Verdict.Gone("it is not over the limit any more");
        }

        return work.Rule switch
        {
            SuspensionRule.OverLimit => await AskUsageAsync(carrier, decision),
            SuspensionRule.RealName => await AskRealNameAsync(carrier),
            _ => decision.IsFresh ? Verdict.Stands : Verdict.Unknown(Stale),
        };
    }

    private static Verdict Resume(SuspensionCard card, LimitDecision? decision) =>
        card.StoppedBy != StoppedBy.Polling ? Verdict.Gone("we have not stopped it, or not any more")
        : decision is { Rule: not null, IsExempt: false } ? Verdict.Gone("it is over its limit again")
        : Verdict.Stands;

    private static async Task<Verdict> AskUsageAsync(AskedCarrier carrier, LimitDecision decision)
    {
        var reading = (await carrier.Dialect.ReadUsagesAsync(carrier.Call, carrier.Account, [carrier.Card], carrier.Stopping)).FirstOrDefault();
        return reading.Value is not { } usage ? Verdict.Unknown(reading.Error ?? NoReading)
            : usage.Cycle is { } cycle && cycle != decision.Cycle ? Verdict.Gone($"the carrier's reading is of the cycle {cycle:yyyy-MM-dd}")
            : usage.UsedBytes <= decision.LimitBytes ? Verdict.Gone($"the carrier says now {usage.UsedBytes} of {decision.LimitBytes} bytes")
            : Verdict.Stands;
    }

    private static async Task<Verdict> AskRealNameAsync(AskedCarrier carrier)
    {
        var reading = (await carrier.Dialect.ReadRealNamesAsync(carrier.Call, carrier.Account, [carrier.Card], carrier.Stopping)).FirstOrDefault();
        return reading.Error is { } error ? Verdict.Unknown(error)
            : reading.Value == RealNameStatus.RealNamed ? Verdict.Gone("the card is real-named now")
            : Verdict.Stands;
    }
}
