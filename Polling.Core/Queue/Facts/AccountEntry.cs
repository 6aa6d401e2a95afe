using System.Globalization;

namespace Polling.Core.Queue.Facts;

/// <summary>What promotion and completion need of an account. Its text is read by <c>includes/account.lua</c>.</summary>
/// <param name="CallsPerSecond">Budget of the account, calls a second.</param>
/// <param name="CardsPerCall">Cards that one call can name.</param>
/// <param name="Weight">Share among the accounts, 100 is usual.</param>
/// <param name="IsActive">False: nothing of it is promoted.</param>
/// <param name="Rules">What says how often each of its cards is asked.</param>
public sealed record AccountEntry(int CallsPerSecond, int CardsPerCall, int Weight, bool IsActive, IntervalRules Rules)
{
    /// <summary>The text in Redis.</summary>
    public override string ToString() =>
        string.Create(CultureInfo.InvariantCulture, $"{CallsPerSecond}|{CardsPerCall}|{Weight}|{(IsActive ? 1 : 0)}|{Rules}");

    /// <summary>The rules of an entry's text.</summary>
    /// <exception cref="FormatException">It is no entry.</exception>
    public static IntervalRules RulesOf(string entry)
    {
        ArgumentNullException.ThrowIfNull(entry);
        return IntervalRules.Parse(entry[(entry.LastIndexOf('|') + 1)..]);
    }
}
