using Polling.Core.Capacity;
using Polling.Core.Persistence;

namespace Polling.AdminApi.Planner;

/// <summary>
/// The cards, counted by what configurations look at. Counting ten million takes seconds, so a count is kept for a while: as many times as long as it took.
/// </summary>
internal sealed class CardCounts(IServiceScopeFactory scopes, TimeProvider time) : IDisposable
{
    private const int KeptTimes = 20;
    private readonly SemaphoreSlim _counting = new(1, 1);
    private Counted? _last;

    /// <summary>The groups, and when they were counted.</summary>
    public async Task<(IReadOnlyList<CardGroup> Groups, DateTimeOffset At)> ReadAsync(CancellationToken cancellation)
    {
        await _counting.WaitAsync(cancellation);
        try
        {
            if (_last is not { } last || time.GetElapsedTime(last.Started) > last.Took * (KeptTimes + 1))
            {
                _last = last = await CountAsync(cancellation);
            }

            return (last.Groups, last.At);
        }
        finally
        {
            _counting.Release();
        }
    }

    public void Dispose() => _counting.Dispose();

    private async Task<Counted> CountAsync(CancellationToken cancellation)
    {
        var (started, at) = (time.GetTimestamp(), time.GetUtcNow());
        await using var scope = scopes.CreateAsyncScope();
        var groups = await CardGroups.CountAsync(scope.ServiceProvider.GetRequiredService<PollingDbContext>(), cancellation);
        return new Counted(groups, at, started, time.GetElapsedTime(started));
    }

    private sealed record Counted(IReadOnlyList<CardGroup> Groups, DateTimeOffset At, long Started, TimeSpan Took);
}
