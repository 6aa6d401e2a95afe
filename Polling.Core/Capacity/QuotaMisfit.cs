using System.Globalization;
using Polling.Core.Carriers;
using Polling.Core.Configuration;

namespace Polling.Core.Capacity;

/// <summary>A change of configuration after which an account needs more calls than its quota has.</summary>
/// <param name="Account">Code of the account.</param>
/// <param name="Needed">Calls a second that its configurations would need.</param>
/// <param name="Available">Calls a second that polling has.</param>
/// <param name="IntervalSecondsMin">The shortest interval of the changed configuration that would fit; null = none would, the others alone need too much.</param>
public sealed record QuotaMisfit(string Account, double Needed, double Available, long? IntervalSecondsMin)
{
    // The interval that is told to fit must be taken, although sums of fractions differ in the last digits.
    private const double Rounding = 1 + 1e-9;

    /// <summary>For the operator.</summary>
    public string Message
    {
        get
        {
            var culture = CultureInfo.InvariantCulture;
            var by = string.Create(culture,
                $"account {Account} would need {Needed:0.##} calls a second of the {Available:0.##} that its quota leaves to polling, {Needed / Available:0.#} times as many");
            return IntervalSecondsMin is { } interval
                ? string.Create(culture, $"{by}; interval_seconds must be at least {interval} to fit")
                : $"{by}; no interval_seconds fits, since the other configurations alone need as many";
        }
    }

    /// <summary>
    /// Accounts that a new or changed configuration would overload. One that is overloaded already is not named when the change
    /// does not make it worse.
    /// </summary>
    /// <param name="changed">The configuration as it would be.</param>
    /// <param name="before">All configurations as they are; one of the same id is what the change replaces.</param>
    /// <param name="accounts">All accounts.</param>
    /// <param name="groups">All cards.</param>
    /// <param name="reservedPercent">Percent of the quotas that polling leaves to manual work and suspensions.</param>
    public static IReadOnlyList<QuotaMisfit> Find(
        PollingConfig changed, IReadOnlyCollection<PollingConfig> before, IEnumerable<CarrierAccount> accounts, IReadOnlyCollection<CardGroup> groups,
        int reservedPercent)
    {
        ArgumentNullException.ThrowIfNull(changed);
        var others = before.Where(c => c.Id != changed.Id).ToArray();
        var (old, now) = (new PollingConfigSet(before), new PollingConfigSet([.. others, changed]));
        var misfits = new List<QuotaMisfit>();
        foreach (var account in accounts)
        {
            var available = CallBudget.Available(account, reservedPercent);
            var needed = CallBudget.Needed(account, groups, now);
            if (needed > available * Rounding && needed > CallBudget.Needed(account, groups, old))
            {
                misfits.Add(new QuotaMisfit(account.Code, needed, available, Fit(changed, now, account, groups, available, needed)));
            }
        }

        return misfits;
    }

    // What the changed configuration itself needs shrinks as its interval grows; the rest stays.
    private static long? Fit(
        PollingConfig changed, PollingConfigSet now, CarrierAccount account, IReadOnlyCollection<CardGroup> groups, double available, double needed)
    {
        var cards = groups.Where(g => g.AccountId == account.Id
            && now.Find(changed.TaskType, account.CarrierId, account.Id, g.Status, g.RealNameStatus, g.PackageId)?.Id == changed.Id).Sum(g => g.Cards);
        var calls = (double)cards / account.CardsPerCall;
        var rest = available - (needed - calls / changed.IntervalSeconds);
        if (rest <= 0)
        {
            return null;
        }

        var interval = Math.Ceiling(calls / rest / Rounding);
        return interval <= PollingConfig.IntervalSecondsMax ? (long)interval : null;
    }
}
