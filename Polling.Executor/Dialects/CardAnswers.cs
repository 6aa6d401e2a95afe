using System.Text.Json;
using Polling.Core.Queue.Facts;
using Polling.Executor.Checks;
using Polling.Executor.Gateway;

namespace Polling.Executor.Dialects;

/// <summary>Finds out which part of an answer is about which card. A part about a card that was not asked about is nobody's.</summary>
internal static class CardAnswers
{
    /// <summary>A reading for each card, in their order.</summary>
    /// <param name="cards">The cards that were asked about.</param>
    /// <param name="items">The parts of the answer.</param>
    /// <param name="idField">The field of a part that names its card.</param>
    /// <param name="read">Reads a part.</param>
    public static IReadOnlyList<CardReading<T>> Match<T>(
        IReadOnlyList<CardFacts> cards, IEnumerable<JsonElement> items, string idField, Func<JsonElement, CardReading<T>> read)
    {
        var asked = cards.Select(card => card.Number).ToHashSet(StringComparer.OrdinalIgnoreCase);
        var found = new Dictionary<string, CardReading<T>>(StringComparer.OrdinalIgnoreCase);
        var others = false;
        foreach (var item in items)
        {
            if (item.Text(idField) is not { } id)
            {
                continue;
            }

            others |= !asked.Contains(id);
            if (asked.Contains(id) && !found.TryAdd(id, read(item)))
            {
                // Told twice: which of them is true, nobody knows.
                found[id] = CardReading<T>.Wrong(Problem.BadValue);
            }
        }

        var missing = CardReading<T>.Wrong(others ? Problem.WrongCard : Problem.NoAnswer);
        return [.. cards.Select(card => found.TryGetValue(card.Number, out var reading) ? reading : missing)];
    }

    /// <summary>What is wrong with an answer that must be about one card; null: nothing.</summary>
    public static string? CheckCard(CardFacts card, JsonElement answer, string idField) => answer.Text(idField) switch
    {
        null => Problem.NoAnswer,
        var id when id.Equals(card.Number, StringComparison.OrdinalIgnoreCase) => null,
        _ => Problem.WrongCard,
    };
}
