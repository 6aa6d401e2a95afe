using System.Text.Json.Serialization;
using Polling.MockGateway.Ledger;

namespace Polling.MockGateway.Cards;

/// <summary>Every stop and resume that was asked for, and what became of it; the latest ones, when there are too many.</summary>
internal sealed class StopLedger
{
    /// <summary>A job was begun.</summary>
    public const string Accepted = "accepted";

    /// <summary>A job failed.</summary>
    public const string Failed = "failed";

    /// <summary>The carrier, or a person there, did it.</summary>
    public const string Forced = "forced";

    private const int Max = 1_000_000;
    private readonly Lock _gate = new();
    private readonly Queue<StopEntry> _entries = new();
    private long _last;

    /// <summary>Writes down a request or the end of a job.</summary>
    public void Append(CardId card, ChangeRequest request, long atUs, string result, bool repeated, string? jobId)
    {
        lock (_gate)
        {
            _entries.Enqueue(new(
                ++_last, Microseconds.ToTime(atUs), card.ToString(), request.IsStop ? "stop" : "resume", request.Account, request.Caller, request.Key, result,
                repeated, jobId));
            if (_entries.Count > Max)
            {
                _entries.Dequeue();
            }
        }
    }

    /// <summary>Entries after a sequence, oldest first.</summary>
    public StopPage Read(long since, string? card, int limit)
    {
        lock (_gate)
        {
            var found = _entries.Where(entry => entry.Sequence > since && (card is null || entry.Iccid == card)).Take(limit + 1).ToList();
            var page = found.Take(limit).ToList();
            return new(page, page.Count > 0 ? page[^1].Sequence : since, found.Count > limit);
        }
    }

    public void Reset()
    {
        lock (_gate)
        {
            _entries.Clear();
            _last = 0;
        }
    }
}

/// <summary>A page of the stops; go on with <c>since_sequence</c> = <paramref name="NextSinceSequence"/>.</summary>
internal sealed record StopPage(IReadOnlyList<StopEntry> Stops, long NextSinceSequence, bool HasMore);

/// <param name="Sequence">1 for the first one after a reset.</param>
/// <param name="At">When, UTC.</param>
/// <param name="Iccid">The card.</param>
/// <param name="Action">stop or resume.</param>
/// <param name="Account">Whose request it was.</param>
/// <param name="Caller">Which process sent it; control: the carrier or a person there did it.</param>
/// <param name="IdempotencyKey">Its key.</param>
/// <param name="Result">0: carried out; accepted: a job was begun; failed: a job failed; forced; else the code it was refused with.</param>
/// <param name="Repeated">The key had been used: nothing was done again.</param>
/// <param name="JobId">The job.</param>
internal sealed record StopEntry(
    long Sequence, DateTimeOffset At, string Iccid, string Action, string Account, string Caller, string? IdempotencyKey, string Result, bool Repeated,
    string? JobId);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, Converters = [typeof(MicrosecondTimeConverter)])]
[JsonSerializable(typeof(StopPage))]
internal sealed partial class StopJson : JsonSerializerContext;
