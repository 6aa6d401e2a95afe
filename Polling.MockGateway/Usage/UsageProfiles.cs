using Microsoft.Extensions.Options;
using Polling.MockGateway.Cards;

namespace Polling.MockGateway.Usage;

/// <summary>
/// How much data each card uses: a function of (seed, card, time). It grows evenly from 0 at the start of each calendar month, at
/// the card's own pace; what cards use in 30 days is log-normally distributed, half of them less than 100 MB.
/// </summary>
internal sealed class UsageProfiles(TimeProvider time, IOptions<MockGatewayOptions> options)
{
    private const double MedianKb = 100 * 1024;
    private const double Sigma = 1.2;

    /// <summary>Asia/Shanghai, which has had no daylight saving time since 1991.</summary>
    private static readonly TimeSpan Zone = TimeSpan.FromHours(8);
    private readonly long _seed = options.Value.Seed;

    /// <summary>When the present month ends, in Asia/Shanghai.</summary>
    public DateTimeOffset MonthEnd => MonthStart(time.GetUtcNow()).AddMonths(1);

    /// <summary>Used since the month began, KB.</summary>
    public long UsedKb(CardId card)
    {
        var now = time.GetUtcNow();

        // Box–Muller; 1 − u is in (0, 1], so the logarithm is finite.
        var radius = Math.Sqrt(-2 * Math.Log(1 - SeededDraw.Of(_seed, SeededDraw.Purpose.UsageRadius, card)));
        var normal = radius * Math.Cos(2 * Math.PI * SeededDraw.Of(_seed, SeededDraw.Purpose.UsageAngle, card));
        return (long)(MedianKb * Math.Exp(Sigma * normal) * ((now - MonthStart(now)) / TimeSpan.FromDays(30)));
    }

    private static DateTimeOffset MonthStart(DateTimeOffset now)
    {
        var local = now.ToOffset(Zone);
        return new DateTimeOffset(local.Year, local.Month, 1, 0, 0, 0, Zone);
    }
}
