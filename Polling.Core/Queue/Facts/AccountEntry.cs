using System.Globalization;
using System.Text;

namespace Polling.Core.Queue.Facts;

/// <summary>One polling configuration as it applies to one account; <c>null</c> is any.</summary>
/// <param name="CardStatus">Card status, or any.</param>
/// <param name="RealNameStatus">Real-name status, or any.</param>
/// <param name="PackageId">Package, or any.</param>
/// <param name="IntervalMs">Interval, milliseconds.</param>
/// <param name="ConfigurationId">Id in <c>tb_polling_config</c>.</param>
public sealed record IntervalRule(int? CardStatus, int? RealNameStatus, int? PackageId, long IntervalMs, int ConfigurationId);

/// <summary>What promotion and completion need of an account. Its text is read by <c>includes/account.lua</c>.</summary>
/// <param name="CallsPerSecond">Budget of the account, calls a second.</param>
/// <param name="CardsPerCall">Cards that one call can name.</param>
/// <param name="Weight">Share among the accounts, 100 is usual.</param>
/// <param name="IsActive">False: nothing of it is promoted.</param>
/// <param name="Rules">In order of precedence; the first that matches a card gives its interval.</param>
public sealed record AccountEntry(int CallsPerSecond, int CardsPerCall, int Weight, bool IsActive, IReadOnlyList<IntervalRule> Rules)
{
    /// <summary>The text in Redis.</summary>
    public override string ToString()
    {
        var text = new StringBuilder()
            .Append(CultureInfo.InvariantCulture, $"{CallsPerSecond}|{CardsPerCall}|{Weight}|{(IsActive ? 1 : 0)}|");
        foreach (var rule in Rules)
        {
            text.Append(CultureInfo.InvariantCulture,
                $"{Any(rule.CardStatus)},{Any(rule.RealNameStatus)},{Any(rule.PackageId)},{rule.IntervalMs},{rule.ConfigurationId};");
        }

        return text.ToString();
    }

    private static string Any(int? value) => value?.ToString(CultureInfo.InvariantCulture) ?? "*";
}
