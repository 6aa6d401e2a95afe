using Polling.MockGateway.Control;

namespace Polling.MockGateway.Latency;

/// <summary>Log-normal latency, a function of (seed, account, number of the call).</summary>
internal static class LatencyModel
{
    public static TimeSpan Draw(LatencyBehaviour behaviour, long seed, ulong account, long call)
    {
        if (!behaviour.Enabled || behaviour.MedianMs <= 0)
        {
            return TimeSpan.Zero;
        }

        // Box–Muller; 1 − u is in (0, 1], so the logarithm is finite.
        var radius = Math.Sqrt(-2 * Math.Log(1 - SeededDraw.Of(seed, SeededDraw.Purpose.LatencyRadius, account, call)));
        var normal = radius * Math.Cos(2 * Math.PI * SeededDraw.Of(seed, SeededDraw.Purpose.LatencyAngle, account, call));
        return TimeSpan.FromMilliseconds(Math.Min(behaviour.MaxMs, behaviour.MedianMs * Math.Exp(behaviour.Sigma * normal)));
    }
}
