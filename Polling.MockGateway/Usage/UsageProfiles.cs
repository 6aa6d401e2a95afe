using Microsoft.Extensions.Options;
using Polling.MockGateway.Cards;
using Polling.MockGateway.Control;

namespace Polling.MockGateway.Usage;

/// <summary>What a carrier's figure of a card is at a moment.</summary>
/// <param name="Bytes">Used since the cycle began.</param>
/// <param name="AsOf">As of when.</param>
/// <param name="Cycle">The cycle's first day.</param>
internal readonly record struct CarrierFigure(long Bytes, DateTimeOffset AsOf, DateOnly Cycle);

/// <summary>
/// How much data each card uses: a function of (seed, card, time, and when it was stopped). It grows evenly from 0 at the start of each billing
/// cycle, at the card's own pace, while the card is active; what cards that are never stopped use in 30 days is log-normally distributed, half of them less than 100 MB.
/// </summary>
/// <remarks>
/// A cycle begins at midnight of Asia/Shanghai, on a day of the month that the dialect has: 1, or 27 for Jasper. Whether a figure is late or has fallen is a function of
/// (seed, card, time), with usage counted in steps: of the step.
/// </remarks>
internal sealed class UsageProfiles(TimeProvider time, CardStates states, UsageQuantum quantum, BehaviourStore behaviour, IOptions<MockGatewayOptions> options)
{
    /// <summary>The day on which natural months begin.</summary>
    public const int NaturalMonth = 1;

    private const double MedianBytes = 100 * 1024 * 1024;
    private const double Sigma = 1.2;

    /// <summary>What a figure that fell is of the true one.</summary>
    private const double Fallen = 0.9;

    /// <summary>Asia/Shanghai, which has had no daylight saving time since 1991.</summary>
    private static readonly TimeSpan Zone = TimeSpan.FromHours(8);
    private readonly long _seed = options.Value.Seed;

    /// <summary>Now, in Asia/Shanghai.</summary>
    public DateTimeOffset Now => time.GetUtcNow().ToOffset(Zone);

    /// <summary>The figure that the carrier has of a card now.</summary>
    public CarrierFigure Read(CardId card, int cycleDay = NaturalMonth)
    {
        var (now, readings) = (Now, behaviour.Current.Readings);
        var isLate = Draw(SeededDraw.Purpose.LateReading) < readings.LateShare;
        var asOf = now.AddSeconds(-readings.LagSeconds - (isLate ? readings.LateSeconds : 0));
        var start = CycleStart(asOf, cycleDay);
        var bytes = Bytes(card, start, quantum.Floor(asOf));
        return new(
            Draw(SeededDraw.Purpose.FallingReading) < readings.FallingShare ? (long)(bytes * Fallen * readings.Factor) : (long)(bytes * readings.Factor), asOf, DateOnly.FromDateTime(start.DateTime));

        double Draw(SeededDraw.Purpose purpose) => SeededDraw.Of(_seed, purpose, card.High ^ card.Low, quantum.Floor(now).UtcTicks);
    }

    /// <summary>Used in the whole of a cycle that is over, or so far in one that is not; null: no cycle begins on that day.</summary>
    public long? PastCycle(CardId card, DateOnly cycle, int cycleDay = NaturalMonth)
    {
        if (cycle.Day != cycleDay)
        {
            return null;
        }

        var start = new DateTimeOffset(cycle.ToDateTime(TimeOnly.MinValue), Zone);
        var end = start.AddMonths(1);
        return Now <= start ? 0 : Bytes(card, start, quantum.Floor(Now < end ? Now : end));
    }

    /// <summary>When the present cycle ends, in Asia/Shanghai.</summary>
    public DateTimeOffset CycleEnd(int cycleDay = NaturalMonth) => CycleStart(Now, cycleDay).AddMonths(1);

    private long Bytes(CardId card, DateTimeOffset start, DateTimeOffset end)
    {
        var elapsed = end - start - TimeSpan.FromMicroseconds(states.IdleUs(card, Microseconds.Of(start), Microseconds.Of(end)));

        // Box–Muller; 1 − u is in (0, 1], so the logarithm is finite.
        var radius = Math.Sqrt(-2 * Math.Log(1 - SeededDraw.Of(_seed, SeededDraw.Purpose.UsageRadius, card)));
        var normal = radius * Math.Cos(2 * Math.PI * SeededDraw.Of(_seed, SeededDraw.Purpose.UsageAngle, card));
        return (long)(MedianBytes * Math.Exp(Sigma * normal) * (elapsed / TimeSpan.FromDays(30)));
    }

    private static DateTimeOffset CycleStart(DateTimeOffset local, int cycleDay)
    {
        var start = new DateTimeOffset(local.Year, local.Month, cycleDay, 0, 0, 0, Zone);
        return start <= local ? start : start.AddMonths(-1);
    }
}
