using Microsoft.Extensions.Caching.Memory;
using Polling.Core.Configuration;
using Polling.Core.Statistics.Windows;

namespace Polling.AdminApi.Statistics;

/// <summary>The windows, read anew once a second at most: processes add to them no more often.</summary>
internal sealed class WindowCache(WindowStatisticsReader reader, IMemoryCache cache)
{
    private static readonly TimeSpan Fresh = TimeSpan.FromSeconds(1);

    public async Task<IReadOnlyList<WindowStatistics>> ReadAsync(TaskType type) =>
        await Task.WhenAll(StatisticsWindows.All.Select(window => CachedAsync((type, window, "task"), () => reader.ReadAsync(type, window))));

    public Task<IReadOnlyDictionary<int, WindowStatistics>> ReadAccountsAsync(TaskType type, StatisticsWindow window) =>
        CachedAsync((type, window, "accounts"), () => reader.ReadAccountsAsync(type, window));

    private async Task<T> CachedAsync<T>((TaskType, StatisticsWindow, string) key, Func<Task<T>> readAsync)
    {
        if (cache.TryGetValue(key, out T? known))
        {
            return known!;
        }

        return cache.Set(key, await readAsync(), Fresh);
    }
}
