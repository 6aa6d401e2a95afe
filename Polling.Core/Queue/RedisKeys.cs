using System.Globalization;
using Polling.Core.Configuration;
using StackExchange.Redis;

namespace Polling.Core.Queue;

/// <summary>How key names are laid out.</summary>
public enum KeyLayout
{
    /// <summary>The names of the operations contract, for one Redis (with or without replicas).</summary>
    Contract,

    /// <summary>Hash tags, for a Redis Cluster: what a script touches together lies in one slot.</summary>
    Cluster,
}

/// <summary>
/// Every Redis key name of the system. Keys of a task type share the slot <c>{type}</c>, keys of an account share
/// <c>{account}</c>; a script touches keys of one slot only.
/// </summary>
public sealed class RedisKeys(KeyLayout layout)
{
    /// <summary>Cards in one hash of the card cache: small enough that finding one of them is quick, large enough that the hash costs little.</summary>
    public const int CardsPerBucket = 32;

    private readonly bool _tags = layout == KeyLayout.Cluster;

    /// <summary>The layout in use.</summary>
    public KeyLayout Layout { get; } = layout;

    /// <summary>Hash { epoch, fence, run_id }: the epoch in force, the last fencing counter, the Redis run that it was given to.</summary>
    public RedisKey Epoch(TaskType type) => Of("epoch", type);

    /// <summary>Hash: account id → entry that promotion and completion need (rate, cards a call, weight, active, rules).</summary>
    public RedisKey Accounts(TaskType type) => Of("accounts", type);

    /// <summary>Hash: account id → the rules that its schedule was last moved to.</summary>
    public RedisKey Intervals(TaskType type) => Of("intervals", type);

    /// <summary>Sorted set: account id → when it is next worth promoting, Unix ms.</summary>
    public RedisKey Wake(TaskType type) => Of("wake", type);

    /// <summary>Sorted set: card id → due time, Unix ms.</summary>
    public RedisKey Schedule(TaskType type, int accountId) => $"polling:schedule:{Tag(type)}:{accountId.ToString(CultureInfo.InvariantCulture)}";

    /// <summary>Sorted set: card id → chunk score. Its ZCARD is the contract's queue length.</summary>
    public RedisKey Queue(TaskType type) => Of("queue", type);

    /// <summary>Hash: chunk score → the chunk's payload.</summary>
    public RedisKey Chunks(TaskType type) => Of("queue:chunks", type);

    /// <summary>Hash: weighted fair queueing's virtual time, each account's finish time and number of queued calls.</summary>
    public RedisKey Fair(TaskType type) => Of("queue:fair", type);

    /// <summary>Sorted set: call → expiry of its lease, Unix ms.</summary>
    public RedisKey Leases(TaskType type) => Of("lease", type);

    /// <summary>Hash: call → payload.</summary>
    public RedisKey Calls(TaskType type) => Of("lease:calls", type);

    /// <summary>Sorted set: call → expiry of its permit, Unix ms.</summary>
    public RedisKey Permits(TaskType type) => Of("permit", type);

    /// <summary>String of the contract: number of permits held.</summary>
    public RedisKey ConcurrencyCurrent(TaskType type) => Of("concurrency:current", type);

    /// <summary>String of the contract: number of permits allowed.</summary>
    public RedisKey ConcurrencyConfig(TaskType type) => Of("concurrency:config", type);

    /// <summary>String: the executor's last claim, for replays.</summary>
    public RedisKey Claim(TaskType type, string executor) => $"polling:claim:{Tag(type)}:{executor}";

    /// <summary>Hash: card id → failures of its own since its last success.</summary>
    public RedisKey Failures(TaskType type) => Of("failures", type);

    /// <summary>Sorted set: card id → since when it is set aside, Unix ms.</summary>
    public RedisKey Quarantine(TaskType type) => Of("quarantine", type);

    /// <summary>List of the contract: one element for each manual request that waits, the account that it waits for.</summary>
    public RedisKey Manual(TaskType type) => Of("manual", type);

    /// <summary>List: manual requests of an account that wait, "card requested-ms trigger", first come first.</summary>
    public RedisKey ManualOf(TaskType type, int accountId) => $"polling:manual:{Tag(type)}:{accountId.ToString(CultureInfo.InvariantCulture)}";

    /// <summary>List: manual requests that ended without a call, "card trigger why", until PostgreSQL has them.</summary>
    public RedisKey ManualSettled(TaskType type) => Of("manual:settled", type);

    /// <summary>Set: triggers that were cancelled and may still have requests that wait.</summary>
    public RedisKey ManualCancelled(TaskType type) => Of("manual:cancelled", type);

    /// <summary>Hash of the contract: statistics.</summary>
    public RedisKey Statistics(TaskType type) => Of("stats", type);

    /// <summary>Hash: "&lt;minute&gt;:&lt;figure&gt;" → count, the statistics' raw material.</summary>
    public RedisKey StatisticsMinutes(TaskType type) => Of("stats:minutes", type);

    /// <summary>Hash: figure → count, of what happened in a slot of time.</summary>
    public RedisKey StatisticsSlot(TaskType type, string tier, long slot) =>
        $"polling:stats:{tier}:{Tag(type)}:{slot.ToString(CultureInfo.InvariantCulture)}";

    /// <summary>Hash: "&lt;account id&gt;:&lt;figure&gt;" → count, the same of each account.</summary>
    public RedisKey StatisticsAccountsSlot(TaskType type, string tier, long slot) =>
        $"polling:stats:{tier}:accounts:{Tag(type)}:{slot.ToString(CultureInfo.InvariantCulture)}";

    /// <summary>Hash: card id % 32 → packed facts. One cache for all types on one Redis, one for each type in a cluster.</summary>
    public RedisKey CardBucket(TaskType type, long cardId)
    {
        var bucket = (cardId / CardsPerBucket).ToString(CultureInfo.InvariantCulture);
        return _tags ? $"polling:card:{Tag(type)}:{bucket}" : $"polling:card:{bucket}";
    }

    /// <summary>Sorted set: card id → number of the change of its facts, the latest ones.</summary>
    public RedisKey CardChanges(TaskType type) => _tags ? $"polling:card:{Tag(type)}:changes" : "polling:card:changes";

    /// <summary>The card's field in its bucket.</summary>
    public static RedisValue CardField(long cardId) => (int)(cardId % CardsPerBucket);

    /// <summary>Hash: the account's limits as <c>acquire</c> needs them.</summary>
    public RedisKey AccountLimits(int accountId) => Of("account", accountId);

    /// <summary>Sorted set: attempt → time of its grant, Unix µs.</summary>
    public RedisKey QuotaWindow(int accountId) => Of("quota", accountId);

    /// <summary>Hash: calls of the last five minutes, by slots of 5 s, and their sum.</summary>
    public RedisKey QuotaFiveMinutes(int accountId) => Of("quota:5m", accountId);

    /// <summary>Hash: what is left of the block that PostgreSQL granted of the monthly budget.</summary>
    public RedisKey QuotaMonth(int accountId) => Of("quota:month", accountId);

    /// <summary>Hash: the account's circuit and its adaptive concurrency.</summary>
    public RedisKey Circuit(int accountId) => Of("circuit", accountId);

    /// <summary>Sorted set: attempt → when it has ended at the latest, Unix ms.</summary>
    public RedisKey InFlight(int accountId) => Of("inflight", accountId);

    /// <summary>String: the token that the account's carrier has issued, "lifetime-ms token"; it ends with the token.</summary>
    public RedisKey Token(int accountId) => Of("token", accountId);

    /// <summary>String: who fetches the account's next token.</summary>
    public RedisKey TokenLock(int accountId) => Of("token:lock", accountId);

    /// <summary>String: what a test's virtual clock adds to the real time, milliseconds.</summary>
    public RedisKey ClockOffset { get; } = "polling:clock:offset_ms";

    /// <summary>Hash of the contract: progress of the initialisation.</summary>
    public RedisKey InitialisationProgress { get; } = "polling:init:progress";

    private string Tag(TaskType type) => _tags ? $"{{{type.Name()}}}" : type.Name();

    private RedisKey Of(string what, TaskType type) => $"polling:{what}:{Tag(type)}";

    private RedisKey Of(string what, int accountId)
    {
        var id = accountId.ToString(CultureInfo.InvariantCulture);
        return _tags ? $"polling:{what}:{{{id}}}" : $"polling:{what}:{id}";
    }
}
