using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Polling.Core.Queue.Scripts;

namespace Polling.Core.Queue.VirtualClock;

/// <summary>
/// A clock that a test moves forward, for all processes and scripts together: the offset in one Redis key is added to Redis' time in
/// every script, and to the time of every process. See docs/virtual-clock.md.
/// </summary>
/// <remarks>
/// <para>Leases, permits and quotas are by the scripts' time: move it while nothing is leased, or the leases expire.</para>
/// <para>PostgreSQL's clock, and how long things take (timers, timeouts, pauses, expiry of keys), stay real.</para>
/// </remarks>
public static class VirtualClockSetup
{
    /// <summary>The setting that turns it on.</summary>
    public const string Setting = "Polling:VirtualClock";

    /// <summary>Registers the virtual clock if the setting says so. Call it before anything that needs the time or the scripts.</summary>
    /// <exception cref="InvalidOperationException">The setting is no boolean, or true in an environment other than Development.</exception>
    public static void AddVirtualClock(this IHostApplicationBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        if (builder.Configuration[Setting] is not { Length: > 0 } text)
        {
            return;
        }

        if (!bool.TryParse(text, out var isOn))
        {
            throw new InvalidOperationException($"{Setting} is '{text}'; it must be true or false.");
        }

        if (!isOn)
        {
            return;
        }

        if (!builder.Environment.IsDevelopment())
        {
            throw new InvalidOperationException(
                $"{Setting} is true in the environment {builder.Environment.EnvironmentName}; it is for tests, in the environment Development only.");
        }

        var time = new VirtualTime();
        builder.Services
            .AddSingleton(time)
            .AddSingleton<TimeProvider>(time)
            .AddSingleton(Scripts(new RedisKeys(RedisLayout.Of(builder.Configuration))))
            .AddHostedService<VirtualClockFollower>();
    }

    /// <summary>The scripts with the virtual time.</summary>
    /// <exception cref="InvalidOperationException">In a cluster: the key would have to lie in every slot.</exception>
    public static ScriptLibrary Scripts(RedisKeys keys)
    {
        ArgumentNullException.ThrowIfNull(keys);
        if (keys.Layout == KeyLayout.Cluster)
        {
            throw new InvalidOperationException($"{Setting} is true with a Redis Cluster; a virtual clock needs one Redis.");
        }

        var include =
            $"""
            -- The time of this script in a test: Redis TIME, and the offset that the test keeps in Redis.
            local time = redis.call('TIME')
            local now_us = tonumber(time[1]) * 1000000 + tonumber(time[2]) + 1000 * tonumber(redis.call('GET', '{keys.ClockOffset}') or '0')
            local now_ms = math.floor(now_us / 1000)
            """;
        return new ScriptLibrary(new Dictionary<string, string> { ["now"] = include.ReplaceLineEndings("\n") });
    }
}
