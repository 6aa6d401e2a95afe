using Microsoft.Extensions.Hosting;
using StackExchange.Redis;

namespace Polling.Core.Queue.Epochs;

/// <summary>
/// Refuses a Redis whose kind is not the one that <see cref="RedisLayout.Setting"/> names, before anything is read or written: in a cluster scripts of the
/// other layout fail, and on one Redis its names are not those that operators type. A Redis that cannot be reached yet is looked at as soon as it can be; the
/// process ends then.
/// </summary>
/// <exception cref="InvalidOperationException">They do not fit; the message says what to change.</exception>
public sealed class LayoutCheck(IConnectionMultiplexer redis, RedisKeys keys) : BackgroundService
{
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(1);

    /// <inheritdoc/>
    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        if (!await TryAsync())
        {
            await base.StartAsync(cancellationToken);
        }
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Every);
        while (await timer.WaitForNextTickAsync(stoppingToken) && !await TryAsync())
        {
        }
    }

    // Whether Redis could be asked.
    private async Task<bool> TryAsync()
    {
        bool isCluster;
        try
        {
            isCluster = await ServerFacts.IsClusterAsync(redis);
        }
        catch (Exception e) when (e is RedisException or TimeoutException)
        {
            return false;
        }

        return RedisLayout.Problem(keys.Layout, isCluster) is { } problem ? throw new InvalidOperationException(problem) : true;
    }
}
