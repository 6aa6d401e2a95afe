using Polling.Core.Configuration;

namespace Polling.Scheduler.Audit;

/// <summary>Cards that were in no schedule when the audit came by, in the order in which it did.</summary>
internal sealed class Suspects
{
    private readonly HashSet<(TaskType Type, long CardId)> _known = [];
    private readonly Queue<(TaskType Type, long CardId, DateTimeOffset Since)> _waiting = [];

    /// <summary>When the audit came by the first of them.</summary>
    public DateTimeOffset? FirstSince => _waiting.TryPeek(out var first) ? first.Since : null;

    /// <summary>Adds a card; one that waits already keeps its time.</summary>
    public void Add(TaskType type, long cardId, DateTimeOffset now)
    {
        if (_known.Add((type, cardId)))
        {
            _waiting.Enqueue((type, cardId, now));
        }
    }

    /// <summary>Takes those that have waited since <paramref name="until"/>, at most so many.</summary>
    public IReadOnlyCollection<(TaskType Type, IReadOnlyCollection<long> CardIds)> Take(DateTimeOffset until, int most)
    {
        var taken = new Dictionary<TaskType, List<long>>();
        for (var i = 0; i < most && _waiting.TryPeek(out var first) && first.Since <= until; i++)
        {
            _waiting.Dequeue();
            _known.Remove((first.Type, first.CardId));
            if (!taken.TryGetValue(first.Type, out var ids))
            {
                taken.Add(first.Type, ids = []);
            }

            ids.Add(first.CardId);
        }

        return [.. taken.Select(t => (t.Key, (IReadOnlyCollection<long>)t.Value))];
    }
}
