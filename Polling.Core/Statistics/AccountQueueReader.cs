using Polling.Core.Configuration;
using Polling.Core.Queue;
using Polling.Core.Queue.Lateness;
using Polling.Core.Queue.Scripts;
using StackExchange.Redis;

namespace Polling.Core.Statistics;

/// <summary>Reads what waits for accounts: one script, that costs a few commands an account and none a card.</summary>
public sealed class AccountQueueReader(ScriptRunner scripts, RedisKeys keys)
{
    private const int AccountsPerScript = 200;
    private const int Figures = 5;

    /// <summary>What waits for each of these accounts, in their order.</summary>
    /// <param name="type">Task type.</param>
    /// <param name="accountIds">Carrier accounts.</param>
    /// <exception cref="RedisException">Redis does not answer.</exception>
    public async Task<IReadOnlyList<AccountQueue>> ReadAsync(TaskType type, IReadOnlyCollection<int> accountIds) =>
        [.. (await Task.WhenAll(accountIds.Chunk(AccountsPerScript).Select(part => ReadPartAsync(type, part)))).SelectMany(part => part)];

    private async Task<AccountQueue[]> ReadPartAsync(TaskType type, int[] accountIds)
    {
        RedisKey[] all = [keys.Fair(type), .. accountIds.SelectMany(account => new[] { keys.Schedule(type, account), keys.ManualOf(type, account) })];
        var reply = (RedisResult[])(await scripts.RunAsync("waiting", all, Array.ConvertAll(accountIds, account => (RedisValue)account)))!;
        return [.. reply.Chunk(Figures).Select(Read)];
    }

    private static AccountQueue Read(RedisResult[] figures)
    {
        var isDue = (long)figures[1] > 0;
        return new AccountQueue
        {
            Scheduled = (long)figures[0],
            Due = (long)figures[1],
            OldestDueAt = isDue ? DateTimeOffset.FromUnixTimeMilliseconds((long)figures[2]) : null,
            WaitsFor = isDue ? CauseOf((string)figures[4]!) : null,
            Manual = (long)figures[3],
        };
    }

    // Nothing noted: their turn has not come yet.
    private static LatenessCause CauseOf(string letter) => letter.Length == 0 ? LatenessCause.Backlog : LatenessCauses.Of(letter);
}

/// <summary>What waits for an account, of one task type.</summary>
public sealed record AccountQueue
{
    /// <summary>Cards with a due time, past or to come.</summary>
    public required long Scheduled { get; init; }

    /// <summary>Of these, the cards whose time has come.</summary>
    public required long Due { get; init; }

    /// <summary>Since when the longest waiting one is due; null if none is.</summary>
    public DateTimeOffset? OldestDueAt { get; init; }

    /// <summary>What the due cards wait for; null if none is due.</summary>
    public LatenessCause? WaitsFor { get; init; }

    /// <summary>Cards asked for by hand that wait to be called.</summary>
    public required long Manual { get; init; }
}
