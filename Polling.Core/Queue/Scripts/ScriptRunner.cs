using System.Diagnostics;
using StackExchange.Redis;

namespace Polling.Core.Queue.Scripts;

/// <summary>Runs scripts by their hash, loads those that Redis has forgotten, and makes the client span of each run.</summary>
/// <exception cref="RedisException">Redis cannot be reached or refuses; whether the script ran is then unknown, so every script bears a replay.</exception>
public sealed class ScriptRunner(IConnectionMultiplexer redis, ScriptLibrary library)
{
    private readonly IDatabase _database = redis.GetDatabase();

    /// <summary>Runs a script.</summary>
    /// <param name="verb">Its name.</param>
    /// <param name="keys">Its fixed keys, and those that its head says may follow.</param>
    /// <param name="arguments">ARGV.</param>
    public async Task<RedisResult> RunAsync(string verb, RedisKey[] keys, RedisValue[] arguments)
    {
        var script = library[verb];
        if (keys.Length < script.FixedKeys)
        {
            throw new ArgumentException($"The script '{verb}' takes at least {script.FixedKeys} keys, not {keys.Length}.", nameof(keys));
        }

        using var span = ScriptSpans.Start(verb);
        try
        {
            return await EvaluateAsync(script, keys, arguments);
        }
        catch (Exception e)
        {
            span?.SetStatus(ActivityStatusCode.Error, e.Message);
            throw;
        }
    }

    private async Task<RedisResult> EvaluateAsync(RedisScript script, RedisKey[] keys, RedisValue[] arguments)
    {
        try
        {
            return await _database.ScriptEvaluateAsync(script.Hash, keys, arguments);
        }
        catch (RedisServerException e) when (e.Message.StartsWith("NOSCRIPT", StringComparison.Ordinal))
        {
            // Redis was restarted, or somebody flushed the scripts: EVAL runs it and keeps it.
            return await _database.ScriptEvaluateAsync(script.Body, keys, arguments);
        }
    }
}
