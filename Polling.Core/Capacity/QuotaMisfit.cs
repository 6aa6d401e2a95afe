using System.Globalization;
using Polling.Core.Carriers;
using Polling.Core.Configuration;

namespace Polling.Core.Capacity;

/// <summary>A change of the configurations after which an account needs more calls than its quota has.</summary>
/// <param name="Account">Code of the account.</param>
/// <param name="Needed">Calls a second that its configurations would need.</param>
/// <param name="Available">Calls a second that polling has.</param>
/// <param name="Cause">The configuration that would need more calls than before, most of all: the changed one, or one that would rule cards in its place.</param>
/// <param name="IntervalSecondsMin">The shortest interval of it that would fit; null = none would, the others alone need too much.</param>
public sealed record QuotaMisfit(string Account, double Needed, double Available, PollingConfig Cause, long? IntervalSecondsMin)
{
    // The interval that is told to fit must be taken, although sums of fractions differ in the last digits.
    private const double Rounding = 1 + 1e-9;

    /// <summary>For the operator.</summary>
    /// <param name="changedId">The changed configuration, 0 = a new one.</param>
    public string MessageFor(int changedId)
    {
        var culture = CultureInfo.InvariantCulture;
        var by = string.Create(culture,
            $"account {Account} would need {Needed:0.##} calls a second of the {Available:0.##} that its quota leaves to polling, {Needed / Available:0.#} times as many");
        var whose = Cause.Id == changedId ? "" : string.Create(culture, $" of configuration {Cause.Id} ({Cause.Name}), which would apply then,");
        return IntervalSecondsMin is { } interval
            ? string.Create(culture, $"{by}; interval_seconds{whose} must be at least {interval} to fit")
            : $"{by}; no interval_seconds{whose} fits, since the other configurations alone need as many";
    }

    /// <summary>
    /// Accounts that a change of the configurations would overload. One that is overloaded already is not named when the change
    /// does not make it worse.
    /// </summary>
    /// <param name="before">All configurations as they are.</param>
    /// <param name="after">All configurations as they would be.</param>
    /// <param name="accounts">All accounts.</param>
    /// <param name="groups">All cards.</param>
    /// <param name="reservedPercent">Percent of the quotas that polling leaves to manual work and suspensions.</param>
    public static IReadOnlyList<QuotaMisfit> Find(
        IReadOnlyCollection<PollingConfig> before, IReadOnlyCollection<PollingConfig> after, IEnumerable<CarrierAccount> accounts,
        IReadOnlyCollection<CardGroup> groups, int reservedPercent)
    {
        ArgumentNullException.ThrowIfNull(accounts);
        var (old, now) = (new PollingConfigSet(before), new PollingConfigSet(after));
        var misfits = new List<QuotaMisfit>();
        foreach (var account in accounts)
        {
            var available = CallBudget.Available(account, reservedPercent);
            var needed = CallBudget.Needed(account, groups, now);
            if (needed > available * Rounding && needed > CallBudget.Needed(account, groups, old) * Rounding)
            {
                var earlier = CallBudget.NeededByConfiguration(account, groups, old);
                var (cause, calls) = CallBudget.NeededByConfiguration(account, groups, now)
                    .MaxBy(config => config.Value - earlier.Where(e => e.Key.Id == config.Key.Id).Sum(e => e.Value));
                misfits.Add(new QuotaMisfit(account.Code, needed, available, cause, Fit(cause, calls, available - needed + calls)));
            }
        }

        return misfits;
    }

    // What a configuration itself needs shrinks as its interval grows; the rest stays.
    private static long? Fit(PollingConfig cause, double calls, double left)
    {
        var interval = left <= 0 ? double.MaxValue : Math.Ceiling(calls * cause.IntervalSeconds / left / Rounding);
        return interval <= PollingConfig.IntervalSecondsMax ? (long)interval : null;
    }
}
