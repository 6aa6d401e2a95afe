using Microsoft.Extensions.Options;
using Polling.MockGateway.Calls;
using Polling.MockGateway.Dialects.Plain;

namespace Polling.MockGateway.Ledger;

/// <summary>
/// Every call the gateway got, in memory. Appending copies a few hundred bytes under a lock; reading takes a list of segments under it
/// and then looks at them at leisure. When the capacity is used up, the oldest segment is dropped and counted.
/// </summary>
internal sealed class CallLedger(IOptions<MockGatewayOptions> options)
{
    private readonly Lock _gate = new();
    private readonly int _capacity = options.Value.LedgerCapacity;
    private readonly int _segmentAnswers = Math.Max(CardsRequest.MaxCards, Math.Min(16_384, options.Value.LedgerCapacity / 8));
    private readonly int _segmentCalls = Math.Min(4_096, Math.Max(10, options.Value.LedgerCapacity / 8));
    private readonly Queue<LedgerSegment> _segments = new();
    private LedgerSegment? _tail;
    private long _lastSequence;
    private long _weight;
    private long _droppedCalls;
    private long _droppedCards;

    /// <summary>Records a call with what was said about each of its cards.</summary>
    public void Append(LedgerCall call, ReadOnlySpan<CardAnswer> answers)
    {
        lock (_gate)
        {
            if (_tail is null || !_tail.HasRoomFor(answers.Length))
            {
                _tail = new(_segmentCalls, _segmentAnswers);
                _segments.Enqueue(_tail);
            }

            _tail.Append(call with { Sequence = ++_lastSequence }, answers);
            _weight += Math.Max(1, answers.Length);
            while (_weight > _capacity && _segments.Count > 1)
            {
                var oldest = _segments.Dequeue();
                _weight -= oldest.Weight;
                _droppedCalls += oldest.CallCount;
                _droppedCards += oldest.Weight;
            }
        }
    }

    /// <summary>What the ledger holds now, oldest first.</summary>
    public Snapshot Read()
    {
        lock (_gate)
        {
            return new([.. _segments.Select(segment => segment.Read())], _lastSequence, _droppedCalls, _droppedCards);
        }
    }

    /// <summary>Forgets everything; sequences start at 1 again.</summary>
    public void Reset()
    {
        lock (_gate)
        {
            _segments.Clear();
            _tail = null;
            (_lastSequence, _weight, _droppedCalls, _droppedCards) = (0, 0, 0, 0);
        }
    }

    /// <param name="Segments">Oldest first.</param>
    /// <param name="TotalCalls">Calls since the last reset, dropped ones included.</param>
    /// <param name="DroppedCalls">Calls that are no longer kept.</param>
    /// <param name="DroppedCards">Their cards (1 for a call without any).</param>
    internal sealed record Snapshot(IReadOnlyList<LedgerSegment.View> Segments, long TotalCalls, long DroppedCalls, long DroppedCards);
}
