using System.Globalization;
using Polling.Core.Configuration;
using Polling.Core.Queue.Lateness;

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
/// <param name="Cause">What its late cards waited for in the schedule.</param>
/// <param name="TraceParent">Trace that began at promotion, or null when it is not sampled.</param>
/// <param name="Cards">Its cards.</param>
/// <param name="Triggers">For each card the trigger that asked for it, null = polled; empty when nobody asked for any of them.</param>
public sealed record ClaimedCall(
    TaskType Type, string Id, long Epoch, long Token, int AccountId, long AdmittedMs, long ClaimedMs, int Attempts, LatenessCause Cause,
    string? TraceParent, IReadOnlyList<DueCard> Cards, IReadOnlyList<string?> Triggers)
{
    private const int Fields = 8;

    /// <summary>When a claim last found no permit free, Unix ms; 0 = never.</summary>
    public long PermitsGoneMs { get; init; }

    /// <summary>The executor that holds it, where it was read from a lease.</summary>
    public string? Holder { get; init; }

    /// <summary>Somebody asked for it by hand, at least for some of its cards.</summary>
    public bool IsManual => Triggers.Count > 0;

    /// <summary>What a card of it waited for, when its call is sent at <paramref name="sentMs"/>, Redis' Unix ms.</summary>
    public LatenessCause CauseOf(DueCard card, long sentMs) => LatenessCauses.Find(card.DueMs, AdmittedMs, ClaimedMs, sentMs, Cause, PermitsGoneMs);

    /// <summary>Reads a call from its name and its payload (<c>payload.lua</c> tells the format).</summary>
    /// <exception cref="FormatException">They are not of that format.</exception>
    public static ClaimedCall Parse(TaskType type, long epoch, long claimedMs, string id, string payload)
    {
        var parts = payload.Split('|');
        var token = id.AsSpan(0, id.IndexOf(':', StringComparison.Ordinal));
        var culture = CultureInfo.InvariantCulture;
        if (parts.Length < Fields)
        {
            throw new FormatException($"The call '{id}' has a payload of {parts.Length} parts instead of {Fields} or more.");
        }

        return new ClaimedCall(
            type, id, epoch, long.Parse(token, culture), int.Parse(parts[0], culture), long.Parse(parts[2], culture), claimedMs,
            int.Parse(parts[3], culture), LatenessCauses.Of(parts[4]), parts[5].Length == 0 ? null : parts[5], ParseCards(parts[6]),
            parts[7].Length == 0 ? [] : Array.ConvertAll(parts[7].Split(' '), trigger => trigger == "-" ? null : trigger.Split('@')[0]))
        {
            Holder = parts.Length > Fields ? parts[^1] : null,
        };
    }

    /// <summary>The ids of a payload's cards; none when it is not of that format.</summary>
    public static IEnumerable<long> CardIds(string payload)
    {
        var parts = payload.Split('|');
        var words = parts.Length < Fields ? [] : parts[6].Split(' ');
        for (var i = 0; i < words.Length; i += 2)
        {
            if (long.TryParse(words[i], CultureInfo.InvariantCulture, out var id))
            {
                yield return id;
            }
        }
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
