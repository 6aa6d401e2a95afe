using System.Globalization;
using Polling.Core.Carriers;
using Polling.Core.Queue.Quotas;
using Polling.Queue.Tests.Harness;

namespace Polling.Queue.Tests.Accounts;

/// <summary>Publishes an account as the schedulers do, at the test's time, and asks it.</summary>
internal static class AccountSeed
{
    public const int Id = 1;
    public static readonly TimeSpan Timeout = TimeSpan.FromSeconds(15);

    /// <summary>An account without limits that would matter, unless the test changes them.</summary>
    public static CarrierAccount Account() => new()
    {
        Id = Id,
        Code = "A",
        Name = "a",
        CallsPerSecond = 1000,
        CardsPerCall = 1,
        MaxInFlight = 1000,
        TimeZone = "Asia/Shanghai",
        CreatedAt = DateTimeOffset.FromUnixTimeMilliseconds(1_800_000_000_000),
    };

    public static DateTimeOffset Now(this TestQueue queue) => DateTimeOffset.FromUnixTimeMilliseconds(queue.NowMs);

    public static Task PublishAsync(this TestQueue queue, CarrierAccount account, int reservedPercent = 0, string runId = "run1") =>
        queue.Redis.HashSetAsync(queue.Keys.AccountLimits(account.Id), AccountLimits.Of(account, queue.Now(), runId, reservedPercent));

    public static Task<QuotaDecision> AskAsync(this TestQueue queue, long attempt, CallPriority priority = CallPriority.Polling) =>
        queue.Quotas.AcquireAsync(Id, Name(attempt), Timeout, priority);

    public static Task<AccountHealth?> EndAsync(this TestQueue queue, long attempt, AttemptResult result = AttemptResult.Ok, int latencyMs = 100) =>
        queue.Quotas.EndAsync(Id, Name(attempt), result, TimeSpan.FromMilliseconds(latencyMs));

    /// <summary>One call after the other, each asked and ended; how the account is after the last.</summary>
    public static async Task<AccountHealth> CallsAsync(this TestQueue queue, int first, int count, AttemptResult result, int latencyMs = 100)
    {
        AccountHealth? health = null;
        for (var i = first; i < first + count; i++)
        {
            Assert.True((await queue.AskAsync(i)).IsGranted, $"call {i}");
            health = await queue.EndAsync(i, result, latencyMs);
        }

        return health!.Value;
    }

    public static string Name(long attempt) => attempt.ToString(CultureInfo.InvariantCulture);
}
