using System.Text.Json.Nodes;
using StackExchange.Redis;

namespace Polling.Weeks.Tests.Processes;

/// <summary>All clocks of the system, moved together; see docs/virtual-clock.md.</summary>
internal sealed class VirtualClocks(ApiClient gateway, IDatabase redis)
{
    private long _offsetSeconds;

    /// <summary>The virtual time.</summary>
    public DateTimeOffset Now => DateTimeOffset.UtcNow.AddSeconds(_offsetSeconds);

    /// <summary>Moves all clocks forward: the gateway's first, so that no carrier is ever behind; whoever waits looks at his work at once.</summary>
    public async Task AdvanceAsync(TimeSpan by)
    {
        _offsetSeconds += (long)Math.Ceiling(by.TotalSeconds);
        await gateway.SendAsync(HttpMethod.Put, "control/clock", new JsonObject { ["offset_seconds"] = _offsetSeconds });
        await redis.StringSetAsync("polling:clock:offset_ms", _offsetSeconds * 1000);
        foreach (var channel in new[] { "polling:clock:moved", "polling:signal:placed:carddata", "polling:signal:placed:package" })
        {
            await redis.PublishAsync(RedisChannel.Literal(channel), "");
        }
    }

    /// <summary>Moves all clocks forward to a moment, unless it is over.</summary>
    public async Task AdvanceToAsync(DateTimeOffset at)
    {
        if (at - Now is { Ticks: > 0 } by)
        {
            await AdvanceAsync(by);
        }
    }
}
