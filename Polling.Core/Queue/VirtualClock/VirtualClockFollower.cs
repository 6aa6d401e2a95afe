using System.Globalization;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using StackExchange.Redis;

namespace Polling.Core.Queue.VirtualClock;

/// <summary>
/// Keeps this process's <see cref="VirtualTime"/> as the offset in Redis says: read before anything else starts, and ten times a second
/// from then on, and at once when whoever moves it publishes to <see cref="Moved"/>. While Redis cannot be read the offset stays.
/// </summary>
/// <exception cref="InvalidOperationException">At the start: the key holds no whole number of milliseconds from 0 to ten years.</exception>
public sealed partial class VirtualClockFollower(
    VirtualTime time, RedisKeys keys, IConnectionMultiplexer redis, ILogger<VirtualClockFollower> logger) : BackgroundService
{
    private const long OffsetMsMax = 315_360_000_000;

    /// <summary>A hint that the offset has changed.</summary>
    public static readonly RedisChannel Moved = RedisChannel.Literal("polling:clock:moved");

    /// <summary>How far behind the offset in Redis a process may be without a hint.</summary>
    public static readonly TimeSpan Every = TimeSpan.FromMilliseconds(100);

    /// <inheritdoc/>
    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        await ReadAsync();
        LogOn(logger, keys.ClockOffset.ToString(), time.OffsetMs);
        await base.StartAsync(cancellationToken);
    }

    /// <summary>Reads the offset once.</summary>
    public async Task ReadAsync()
    {
        var value = await redis.GetDatabase().StringGetAsync(keys.ClockOffset);
        time.OffsetMs = value.IsNull ? 0
            : long.TryParse((string?)value, NumberStyles.None, CultureInfo.InvariantCulture, out var offset) && offset <= OffsetMsMax ? offset
            : throw new InvalidOperationException(
                $"Redis key {keys.ClockOffset} is '{value}'; it must be a whole number of milliseconds, from 0 to {OffsetMsMax}.");
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await redis.GetSubscriber().SubscribeAsync(Moved, (_, _) => _ = TryReadAsync());
        using var timer = new PeriodicTimer(Every);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            await TryReadAsync();
        }
    }

    private async Task TryReadAsync()
    {
        try
        {
            await ReadAsync();
        }
        catch (Exception e) when (e is RedisException or TimeoutException or InvalidOperationException)
        {
            LogNotRead(logger, e.Message);
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "The clock is virtual: the real time and {Key}, {OffsetMs} ms now")]
    private static partial void LogOn(ILogger logger, string key, long offsetMs);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The virtual clock's offset cannot be read and stays: {Reason}")]
    private static partial void LogNotRead(ILogger logger, string reason);
}
