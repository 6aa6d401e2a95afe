using Polling.Core.Configuration;

namespace Polling.Core.Persistence.Results;

/// <summary>What became of committed results.</summary>
public sealed class CommittedResults
{
    private readonly Dictionary<(TaskType, long), CardRow?> _accepted = [];
    private readonly HashSet<(TaskType, long)> _poisoned = [];
    private readonly Dictionary<long, CardStanding> _standings = [];

    /// <summary>How many results counted: no newer fencing token had committed for their card and task, and the card exists.</summary>
    public int AcceptedCount => _accepted.Count;

    internal int PoisonedCount => _poisoned.Count;

    /// <summary>Whether the card's result counted.</summary>
    public bool IsAccepted(TaskType type, long cardId) => _accepted.ContainsKey((type, cardId));

    /// <summary>The card's row as it is now, if the result changed it; else null.</summary>
    public CardRow? ChangedRow(TaskType type, long cardId) => _accepted.GetValueOrDefault((type, cardId));

    /// <summary>Whether PostgreSQL refused the card's result for what it says: it is kept aside, and the check is a failed one.</summary>
    public bool IsPoisoned(TaskType type, long cardId) => _poisoned.Contains((type, cardId));

    /// <summary>
    /// How a card whose usage or package result counted stands to its limit; null = it has none, or is under it and nothing can be foreseen.
    /// </summary>
    public CardStanding? Standing(long cardId) => _standings.TryGetValue(cardId, out var standing) ? standing : null;

    internal void Stand(long cardId, CardStanding standing) => _standings[cardId] = standing;

    internal void Accept(TaskType type, long cardId, CardRow? changed) => _accepted[(type, cardId)] = changed;

    internal void Add(CommittedResults others)
    {
        foreach (var (key, row) in others._accepted)
        {
            _accepted[key] = row;
        }

        foreach (var (card, standing) in others._standings)
        {
            _standings[card] = standing;
        }
    }

    internal void Poison(TaskType type, long cardId) => _poisoned.Add((type, cardId));
}

/// <summary>How a card stands to its limit.</summary>
/// <param name="OverAt">When it will be over at its rate of use; null: it is over, or not foreseeable.</param>
/// <param name="IsOver">It is over, by the ledger.</param>
/// <param name="IsFresh">The ledger's newest reading is no older than the account's freshness bound.</param>
/// <param name="SuspensionId">The intent that was written for it just now; null = none.</param>
/// <param name="IsWorthAsking">The reading is not fresh, and the carrier has not been asked lately: asked again it may say more.</param>
public readonly record struct CardStanding(DateTimeOffset? OverAt, bool IsOver, bool IsFresh, long? SuspensionId, bool IsWorthAsking);
