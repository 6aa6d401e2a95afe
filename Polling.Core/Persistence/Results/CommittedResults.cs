using Polling.Core.Configuration;

namespace Polling.Core.Persistence.Results;

/// <summary>What became of committed results.</summary>
public sealed class CommittedResults
{
    private readonly Dictionary<(TaskType, long), CardRow?> _accepted = [];
    private readonly HashSet<(TaskType, long)> _poisoned = [];

    /// <summary>How many results counted: no newer fencing token had committed for their card and task, and the card exists.</summary>
    public int AcceptedCount => _accepted.Count;

    internal int PoisonedCount => _poisoned.Count;

    /// <summary>Whether the card's result counted.</summary>
    public bool IsAccepted(TaskType type, long cardId) => _accepted.ContainsKey((type, cardId));

    /// <summary>The card's row as it is now, if the result changed it; else null.</summary>
    public CardRow? ChangedRow(TaskType type, long cardId) => _accepted.GetValueOrDefault((type, cardId));

    /// <summary>Whether PostgreSQL refused the card's result for what it says: it is kept aside, and the check is a failed one.</summary>
    public bool IsPoisoned(TaskType type, long cardId) => _poisoned.Contains((type, cardId));

    internal void Accept(TaskType type, long cardId, CardRow? changed) => _accepted[(type, cardId)] = changed;

    internal void Add(CommittedResults others)
    {
        foreach (var (key, row) in others._accepted)
        {
            _accepted[key] = row;
        }
    }

    internal void Poison(TaskType type, long cardId) => _poisoned.Add((type, cardId));
}
