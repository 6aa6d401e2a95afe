using System.Collections.Concurrent;
using Polling.Core.Configuration;
using Polling.Core.Statistics.Windows;
using StackExchange.Redis;

namespace Polling.AdminApi.Statistics;

/// <summary>
/// The windows that somebody looks at, read anew every second (processes add to them no more often) until nobody has asked for them for half a minute:
/// whoever asks again does not wait for some thousand figures to be read.
/// </summary>
/// <remarks>Who asks first, or when Redis did not answer the last times, waits for them and learns what is wrong.</remarks>
internal sealed class WindowCache(WindowStatisticsReader reader, TimeProvider clock) : BackgroundService
{
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan FreshFor = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan KeptFor = TimeSpan.FromSeconds(30);
    private readonly ConcurrentDictionary<Key, Known> _known = [];

    /// <summary>What happened to a task type's cards, in each window.</summary>
    /// <exception cref="RedisException">Redis does not answer.</exception>
    public async Task<IReadOnlyList<WindowStatistics>> ReadAsync(TaskType type)
    {
        var windows = await Task.WhenAll(StatisticsWindows.All.Select(window => AskAsync(new Key(type, window, OfAccounts: false))));
        return [.. windows.Select(window => window[0])];
    }

    /// <summary>The same for each account, in one window.</summary>
    /// <exception cref="RedisException">Redis does not answer.</exception>
    public Task<IReadOnlyDictionary<int, WindowStatistics>> ReadAccountsAsync(TaskType type, StatisticsWindow window) =>
        AskAsync(new Key(type, window, OfAccounts: true));

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            await Task.Delay(Every, clock, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            foreach (var (key, known) in _known)
            {
                if (clock.GetElapsedTime(known.AskedAt) > KeptFor)
                {
                    _known.TryRemove(key, out _);
                }
                else if (!stoppingToken.IsCancellationRequested)
                {
                    await TryReadAsync(key, known);
                }
            }
        }
    }

    private async Task<IReadOnlyDictionary<int, WindowStatistics>> AskAsync(Key key)
    {
        var known = _known.GetOrAdd(key, _ => new Known());
        known.AskedAt = clock.GetTimestamp();
        return known.Figures is { } figures && clock.GetElapsedTime(figures.ReadAt) <= FreshFor ? figures.ByAccount : await ReadAsync(key, known);
    }

    private async Task TryReadAsync(Key key, Known known)
    {
        try
        {
            await ReadAsync(key, known);
        }
        catch (Exception e) when (e is RedisException or TimeoutException)
        {
            // They grow old, and the next one who asks is told.
        }
    }

    private async Task<IReadOnlyDictionary<int, WindowStatistics>> ReadAsync(Key key, Known known)
    {
        var startedAt = clock.GetTimestamp();
        var read = key.OfAccounts ? await reader.ReadAccountsAsync(key.Type, key.Window)
            : new Dictionary<int, WindowStatistics> { [0] = await reader.ReadAsync(key.Type, key.Window) };
        known.Figures = new Figures(read, startedAt);
        return read;
    }

    private readonly record struct Key(TaskType Type, StatisticsWindow Window, bool OfAccounts);

    private sealed record Figures(IReadOnlyDictionary<int, WindowStatistics> ByAccount, long ReadAt);

    private sealed class Known
    {
        private long _askedAt;
        private volatile Figures? _figures;

        public long AskedAt
        {
            get => Volatile.Read(ref _askedAt);
            set => Volatile.Write(ref _askedAt, value);
        }

        public Figures? Figures
        {
            get => _figures;
            set => _figures = value;
        }
    }
}
