using System.Globalization;
using Polling.Core.Cards;

namespace Polling.Core.Queue.Facts;

/// <summary>One polling configuration as it applies to one account; <c>null</c> is any.</summary>
/// <param name="CardStatus">Card status, or any.</param>
/// <param name="RealNameStatus">Real-name status, or any.</param>
/// <param name="PackageId">Package, or any.</param>
/// <param name="IntervalMs">Interval, milliseconds.</param>
/// <param name="ConfigurationId">Id in <c>tb_polling_config</c>.</param>
public sealed record IntervalRule(int? CardStatus, int? RealNameStatus, int? PackageId, long IntervalMs, int ConfigurationId)
{
    /// <summary>Whether it applies to a card of its account.</summary>
    public bool Matches(CardFacts facts)
    {
        ArgumentNullException.ThrowIfNull(facts);
        return (CardStatus ?? (int)facts.Status) == (int)facts.Status && (RealNameStatus ?? (int)facts.RealName) == (int)facts.RealName
            && (PackageId ?? facts.PackageId) == facts.PackageId;
    }

    /// <summary>Whether it applies to all cards that the other applies to.</summary>
    public bool Covers(IntervalRule other)
    {
        ArgumentNullException.ThrowIfNull(other);
        return Covers(CardStatus, other.CardStatus) && Covers(RealNameStatus, other.RealNameStatus) && Covers(PackageId, other.PackageId);
    }

    private static bool Covers(int? mine, int? others) => mine is null || mine == others;
}

/// <summary>The rules of an account and task type. <c>includes/account.lua</c> tells the text and reads it in Redis.</summary>
/// <param name="Rules">In order of precedence; the first that matches a card gives its interval.</param>
public sealed record IntervalRules(IReadOnlyList<IntervalRule> Rules)
{
    private const int Fields = 5;

    /// <summary>The text in Redis.</summary>
    public override string ToString() => string.Concat(Rules.Select(rule => string.Create(
        CultureInfo.InvariantCulture,
        $"{Any(rule.CardStatus)},{Any(rule.RealNameStatus)},{Any(rule.PackageId)},{rule.IntervalMs},{rule.ConfigurationId};")));

    /// <summary>Reads the text.</summary>
    /// <exception cref="FormatException">It is none of rules.</exception>
    public static IntervalRules Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var rules = new List<IntervalRule>();
        foreach (var rule in text.Split(';', StringSplitOptions.RemoveEmptyEntries))
        {
            var fields = rule.Split(',');
            if (fields.Length != Fields)
            {
                throw new FormatException($"The rule '{rule}' has {fields.Length} fields, not {Fields}.");
            }

            rules.Add(new IntervalRule(
                Number(fields[0]), Number(fields[1]), Number(fields[2]), long.Parse(fields[3], CultureInfo.InvariantCulture),
                int.Parse(fields[4], CultureInfo.InvariantCulture)));
        }

        return new IntervalRules(rules);
    }

    /// <summary>The interval of a card of the account, ms; 0 = no configuration applies, or the card is terminated: it is not polled.</summary>
    public long IntervalMsOf(CardFacts facts)
    {
        ArgumentNullException.ThrowIfNull(facts);
        return facts.Status == CardStatus.Terminated ? 0 : Rules.FirstOrDefault(rule => rule.Matches(facts))?.IntervalMs ?? 0;
    }

    /// <summary>Whether every card that the other rules have polled surely is polled by these too.</summary>
    public bool Cover(IntervalRules others)
    {
        ArgumentNullException.ThrowIfNull(others);
        return others.Rules.All(other => Rules.Any(rule => rule.Covers(other)));
    }

    private static string Any(int? value) => value?.ToString(CultureInfo.InvariantCulture) ?? "*";

    private static int? Number(string field) => field == "*" ? null : int.Parse(field, CultureInfo.InvariantCulture);
}
