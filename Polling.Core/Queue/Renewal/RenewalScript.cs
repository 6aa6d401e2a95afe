using Polling.Core.Queue.Claims;
using Polling.Core.Queue.Scripts;
using StackExchange.Redis;

namespace Polling.Core.Queue.Renewal;

/// <summary>Lengthens leases of calls that are still being worked on.</summary>
public sealed class RenewalScript(ScriptRunner scripts, RedisKeys keys)
{
    private const int CallsPerScript = 500;

    /// <summary>Renews leases.</summary>
    /// <param name="calls">Calls of one task type.</param>
    /// <param name="lease">Lease from now on.</param>
    /// <returns>For each call, in their order: false when its lease is lost, and with it its cards.</returns>
    public async Task<bool[]> RenewAsync(IReadOnlyList<ClaimedCall> calls, TimeSpan lease)
    {
        var renewed = new bool[calls.Count];
        foreach (var group in Enumerable.Range(0, calls.Count).GroupBy(i => (calls[i].Type, calls[i].Epoch)))
        {
            foreach (var chunk in group.Chunk(CallsPerScript))
            {
                RedisValue[] arguments = [group.Key.Epoch, (long)lease.TotalMilliseconds, .. chunk.Select(i => (RedisValue)calls[i].Id)];
                var reply = (int[])(await scripts.RunAsync("renew", [keys.Epoch(group.Key.Type), keys.Leases(group.Key.Type)], arguments))!;
                for (var i = 0; i < chunk.Length; i++)
                {
                    renewed[chunk[i]] = reply[0] == 1 && reply[1 + i] == 1;
                }
            }
        }

        return renewed;
    }
}
