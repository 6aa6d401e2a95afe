using System.Collections.Concurrent;
using Polling.MockGateway.Calls;
using Polling.MockGateway.Cards;

namespace Polling.MockGateway.Truth;

/// <summary>The highest usage figure that was told of each card and cycle, by answers that were not spoiled and whose caller had not gone.</summary>
internal sealed class ToldFigures
{
    private readonly ConcurrentDictionary<CardId, ToldCard> _cards = new();

    /// <summary>Cards that an account was told of, by iccid.</summary>
    public IEnumerable<(CardId Card, IReadOnlyList<(DateOnly Cycle, long HighestBytes)> Cycles)> Of(string account) => _cards
        .Where(card => string.Equals(card.Value.Account, account, StringComparison.Ordinal))
        .OrderBy(card => card.Key.ToString(), StringComparer.Ordinal)
        .Select(card => (card.Key, card.Value.Read()));

    /// <summary>Takes note of an answer.</summary>
    public void Note(string account, string task, CardAnswer[] answers)
    {
        if (task != TaskNames.CardData)
        {
            return;
        }

        foreach (var answer in answers)
        {
            if (answer.Outcome == CardOutcome.Usage)
            {
                _cards.GetOrAdd(answer.Card, static _ => new ToldCard()).Note(account, answer.Cycle, answer.Value);
            }
        }
    }

    public void Reset() => _cards.Clear();

    private sealed class ToldCard
    {
        private readonly Lock _gate = new();
        private readonly SortedDictionary<DateOnly, long> _highest = [];

        /// <summary>Who was told last.</summary>
        public string Account { get; private set; } = "";

        public void Note(string account, DateOnly cycle, long bytes)
        {
            lock (_gate)
            {
                Account = account;
                _highest[cycle] = Math.Max(bytes, _highest.GetValueOrDefault(cycle));
            }
        }

        public IReadOnlyList<(DateOnly Cycle, long HighestBytes)> Read()
        {
            lock (_gate)
            {
                return [.. _highest.Select(cycle => (cycle.Key, cycle.Value))];
            }
        }
    }
}
