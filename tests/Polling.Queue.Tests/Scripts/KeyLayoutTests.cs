using Polling.Core.Configuration;
using Polling.Core.Queue;

namespace Polling.Queue.Tests.Scripts;

public class KeyLayoutTests
{
    [Fact]
    public void The_contract_layout_has_the_names_that_operators_type()
    {
        var keys = new RedisKeys(KeyLayout.Contract);
        Assert.Equal("polling:queue:realname", keys.Queue(TaskType.Realname));
        Assert.Equal("polling:manual:carddata", keys.Manual(TaskType.Carddata));
        Assert.Equal("polling:concurrency:current:package", keys.ConcurrencyCurrent(TaskType.Package));
        Assert.Equal("polling:concurrency:config:realname", keys.ConcurrencyConfig(TaskType.Realname));
        Assert.Equal("polling:stats:realname", keys.Statistics(TaskType.Realname));
        Assert.Equal("polling:init:progress", keys.InitialisationProgress);
    }

    [Fact]
    public void In_a_cluster_all_keys_of_a_script_share_a_hash_tag()
    {
        var keys = new RedisKeys(KeyLayout.Cluster);
        var type = TaskType.Realname;
        string[] ofType =
        [
            keys.Epoch(type)!, keys.Accounts(type)!, keys.Wake(type)!, keys.Schedule(type, 3)!, keys.Queue(type)!, keys.Chunks(type)!,
            keys.Fair(type)!, keys.Leases(type)!, keys.Calls(type)!, keys.Permits(type)!, keys.ConcurrencyCurrent(type)!,
            keys.ConcurrencyConfig(type)!, keys.Claim(type, "e")!, keys.Manual(type)!, keys.Statistics(type)!, keys.StatisticsMinutes(type)!,
            keys.CardBucket(type, 12345)!,
        ];
        Assert.All(ofType, key => Assert.Contains("{realname}", key, StringComparison.Ordinal));
        Assert.Equal(ofType.Length, ofType.Distinct().Count());
        string[] ofAccount =
        [
            keys.AccountLimits(3)!, keys.QuotaWindow(3)!, keys.InFlight(3)!, keys.QuotaFiveMinutes(3)!, keys.QuotaMonth(3)!, keys.Circuit(3)!,
            keys.Token(3)!, keys.TokenLock(3)!,
        ];
        Assert.All(ofAccount, key => Assert.Contains("{3}", key, StringComparison.Ordinal));
    }
}
