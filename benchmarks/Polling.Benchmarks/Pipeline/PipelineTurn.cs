using System.Globalization;
using Polling.Benchmarks.Processes;
using Polling.Core.Configuration;
using Polling.Core.Queue;

namespace Polling.Benchmarks.Pipeline;

/// <summary>What the whole system did in a stretch of time in which it had more to do than it could.</summary>
/// <param name="ChecksPerSecond">Committed.</param>
/// <param name="PermitsHeld">Gateway calls under way, from claim to answer; the mean.</param>
internal sealed record PipelineTurn(double ChecksPerSecond, double PermitsHeld)
{
    private static readonly TimeSpan LookEvery = TimeSpan.FromMilliseconds(100);
    private static readonly RedisKeys Keys = new(KeyLayout.Contract);

    /// <summary>Lets the system run and counts.</summary>
    /// <exception cref="InvalidOperationException">A program has ended by itself, or too few cards were due.</exception>
    public static async Task<PipelineTurn> MeasureAsync(BenchmarkSystem system, TimeSpan time)
    {
        var checks = system.ChecksPerSecondAsync(time);
        var permits = new List<long>();
        while (!checks.IsCompleted)
        {
            permits.Add((long)await system.Redis.StringGetAsync(Keys.ConcurrencyCurrent(TaskType.Realname)));
            await Task.Delay(LookEvery);
        }

        var turn = new PipelineTurn(await checks, permits.Average());
        return await system.DueAsync() is var due && due > turn.ChecksPerSecond
            ? turn
            : throw new InvalidOperationException($"Only {due} cards were due at the end of a turn with {turn.ChecksPerSecond:F0} checks/s: this machine carries more than the fleet asks for.");
    }

    /// <summary>Rates of some turns, for a note.</summary>
    public static string Text(IEnumerable<double> rates) => string.Join(" ", rates.Select(rate => rate.ToString("F0", CultureInfo.InvariantCulture)));
}
