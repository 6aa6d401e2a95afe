using System.Globalization;
using Polling.Core.Configuration;

namespace Polling.Core.Queue.Claims;

/// <summary>A card of a claimed call and the time at which it was due.</summary>
/// <param name="CardId">Id of the card.</param>
/// <param name="DueMs">Its due time, Unix ms.</param>
public readonly record struct DueCard(long CardId, long DueMs);

/// <summary>A gateway call handed out to one executor: its cards, under one lease, one permit and one fencing token.</summary>
/// <param name="Type">Task type.</param>
/// <param name="Id">Name of the call in Redis: "&lt;token&gt;:&lt;account&gt;:&lt;cards&gt;".</param>
/// <param name="Epoch">Epoch of the token.</param>
/// <param name="Token">Fencing token, growing within its epoch.</param>
/// <param name="AccountId">Carrier account.</param>
/// <param name="AdmittedMs">When promotion admitted it, Unix ms.</param>
/// <param name="ClaimedMs">When it was claimed, Unix ms, by Redis' clock.</param>
/// <param name="Attempts">How often a lease on these cards has expired since they were promoted.</param>
/// <param name="TraceParent">Trace that began at promotion, or null when it is not sampled.</param>
/// <param name="Cards">Its cards.</param>
public sealed record ClaimedCall(
    TaskType Type, string Id, long Epoch, long Token, int AccountId, long AdmittedMs, long ClaimedMs, int Attempts, string? TraceParent,
    IReadOnlyList<DueCard> Cards)
{
    /// <summary>Reads a call from its name and its payload (<c>promote-6.lua</c> tells the format).</summary>
    /// <exception cref="FormatException">They are not of that format.</exception>
    public static ClaimedCall Parse(TaskType type, long epoch, long claimedMs, string id, string payload)
    {
        var parts = payload.Split('|');
        var token = id.AsSpan(0, id.IndexOf(':', StringComparison.Ordinal));
        var culture = CultureInfo.InvariantCulture;
        if (parts.Length != 6)
        {
            throw new FormatException($"The call '{id}' has a payload of {parts.Length} parts instead of 6.");
        }

        return new ClaimedCall(
            type, id, epoch, long.Parse(token, culture), int.Parse(parts[0], culture), long.Parse(parts[2], culture), claimedMs,
            int.Parse(parts[3], culture), parts[4].Length == 0 ? null : parts[4], ParseCards(parts[5]));
    }

    private static DueCard[] ParseCards(string list)
    {
        var text = list.AsSpan();
        var cards = new DueCard[(text.Count(' ') + 1) / 2];
        var at = 0;
        long id = 0;
        foreach (var range in text.Split(' '))
        {
            var number = long.Parse(text[range], CultureInfo.InvariantCulture);
            if (at % 2 == 0)
            {
                id = number;
            }
            else
            {
                cards[at / 2] = new DueCard(id, number);
            }

            at++;
        }

        return cards;
    }
}
