using System.Globalization;
using Polling.Benchmarks.Processes;
using Polling.Core.Configuration;
using Polling.Core.Queue;

namespace Polling.Benchmarks.Pipeline;

/// <summary>What the whole system did in a stretch of time in which it had more to do than it could.</summary>
/// <param name="ChecksPerSecond">Committed.</param>
/// <param name="Permits">Calls from claim to answer; the mean.</param>
/// <param name="Leases">Calls from claim to completion; the mean.</param>
/// <param name="QueuedMin">Calls that could have been claimed, when they were fewest.</param>
internal sealed record PipelineTurn(double ChecksPerSecond, double Permits, double Leases, long QueuedMin)
{
    private static readonly TimeSpan LookEvery = TimeSpan.FromMilliseconds(100);
    private static readonly RedisKeys Keys = new(KeyLayout.Contract);

    /// <summary>Lets the system run and counts.</summary>
    /// <exception cref="InvalidOperationException">A program has ended by itself, or too few cards were due.</exception>
    public static async Task<PipelineTurn> MeasureAsync(BenchmarkSystem system, TimeSpan time)
    {
        var checks = system.ChecksPerSecondAsync(time);
        var looks = new List<(long Permits, long Leases, long Queued)>();
        while (!checks.IsCompleted)
        {
            looks.Add((
                await system.Redis.SortedSetLengthAsync(Keys.Permits(TaskType.Realname)), await system.Redis.SortedSetLengthAsync(Keys.Leases(TaskType.Realname)),
                await system.Redis.SortedSetLengthAsync(Keys.Queue(TaskType.Realname))));
            await Task.Delay(LookEvery);
        }

        var turn = new PipelineTurn(await checks, looks.Average(l => l.Permits), looks.Average(l => l.Leases), looks.Min(l => l.Queued));
        return await system.DueAsync() is var due && due > turn.ChecksPerSecond
            ? turn
            : throw new InvalidOperationException($"Only {due} cards were due at the end of a turn with {turn.ChecksPerSecond:F0} checks/s: this machine carries more than the fleet asks for.");
    }

    /// <summary>How turns went, for a note.</summary>
    public static string Text(IReadOnlyCollection<PipelineTurn> turns) => string.Create(CultureInfo.InvariantCulture,
        $"{Text(turns.Select(t => t.ChecksPerSecond))}; of {turns.Average(t => t.Leases):F0} calls under lease {turns.Average(t => t.Permits):F0} had a permit, at least {turns.Min(t => t.QueuedMin)} were queued");

    /// <summary>Rates of some turns, for a note.</summary>
    public static string Text(IEnumerable<double> rates) => string.Join(" ", rates.Select(rate => rate.ToString("F0", CultureInfo.InvariantCulture)));
}
