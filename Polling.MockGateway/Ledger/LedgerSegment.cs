using Polling.MockGateway.Calls;

namespace Polling.MockGateway.Ledger;

/// <summary>
/// A stretch of the ledger. It is only ever appended to, by one writer at a time, so readers may use what was there when they asked
/// for a <see cref="View"/> without holding anybody up.
/// </summary>
internal sealed class LedgerSegment(int maxCalls, int maxAnswers)
{
    private readonly LedgerCall[] _calls = new LedgerCall[maxCalls];
    private readonly int[] _ends = new int[maxCalls]; // Where each call's answers end.
    private readonly CardAnswer[] _answers = new CardAnswer[maxAnswers];
    private int _callCount;

    /// <summary>What the segment counts against the ledger's capacity: a call without cards counts as one.</summary>
    public int Weight { get; private set; }

    public int CallCount => _callCount;

    public bool HasRoomFor(int cards) => _callCount < maxCalls && AnswerCount + cards <= maxAnswers;

    public void Append(LedgerCall call, ReadOnlySpan<CardAnswer> answers)
    {
        var at = AnswerCount;
        answers.CopyTo(_answers.AsSpan(at));
        _calls[_callCount] = call;
        _ends[_callCount] = at + answers.Length;
        Weight += Math.Max(1, answers.Length);
        _callCount++;
    }

    /// <summary>What is there now.</summary>
    public View Read() => new(this, _callCount);

    private int AnswerCount => _callCount == 0 ? 0 : _ends[_callCount - 1];

    internal readonly record struct View(LedgerSegment Segment, int Count)
    {
        public ref readonly LedgerCall Call(int index) => ref Segment._calls[index];

        public ReadOnlySpan<CardAnswer> Answers(int index)
        {
            var start = index == 0 ? 0 : Segment._ends[index - 1];
            return Segment._answers.AsSpan(start, Segment._ends[index] - start);
        }
    }
}
