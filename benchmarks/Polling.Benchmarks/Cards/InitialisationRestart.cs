using StackExchange.Redis;

namespace Polling.Benchmarks.Cards;

/// <summary>
/// Has the schedulers give new rows of PostgreSQL their places at once: they load all cards when Redis has no progress of an initialisation. A card
/// that has a place keeps it.
/// </summary>
internal static class InitialisationRestart
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    /// <returns>False: Redis does not answer.</returns>
    public static async Task<bool> TryAsync(string address)
    {
        try
        {
            var options = ConfigurationOptions.Parse(address);
            (options.ConnectTimeout, options.AbortOnConnectFail) = ((int)Patience.TotalMilliseconds, true);
            await using var redis = await ConnectionMultiplexer.ConnectAsync(options);
            await redis.GetDatabase().KeyDeleteAsync("polling:init:progress");
            return true;
        }
        catch (RedisException)
        {
            return false;
        }
    }
}
