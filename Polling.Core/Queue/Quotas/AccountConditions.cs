using System.Globalization;
using Polling.Core.Carriers;
using StackExchange.Redis;

namespace Polling.Core.Queue.Quotas;

/// <summary>What keeps an account from sending, apart from its calls a second.</summary>
/// <param name="Account">The account.</param>
/// <param name="IsMonthUsedUp">Polling gets no more of the month's calls.</param>
/// <param name="IsFiveMinutesUsedUp">Polling gets no more of the calls in five minutes, for now.</param>
/// <param name="IsCircuitOpen">Its carrier failed; nothing is sent, or one probe.</param>
public sealed record AccountCondition(CarrierAccount Account, bool IsMonthUsedUp, bool IsFiveMinutesUsedUp, bool IsCircuitOpen);

/// <summary>Reads what <c>acquire-6.lua</c> and <c>report-3.lua</c> keep of accounts. It changes nothing.</summary>
public sealed class AccountConditions(IConnectionMultiplexer redis, RedisKeys keys, TimeProvider clock)
{
    // As acquire-6.lua counts: a call counts until its whole slot is older than this.
    private const long SlotMs = 5000;
    private const long FiveMinutesMs = 302_000;

    /// <summary>The conditions of accounts, in one round trip.</summary>
    /// <exception cref="RedisException">Redis does not answer.</exception>
    public async Task<IReadOnlyList<AccountCondition>> ReadAsync(IEnumerable<CarrierAccount> accounts) =>
        await Task.WhenAll(accounts.Select(ReadAsync));

    private async Task<AccountCondition> ReadAsync(CarrierAccount account)
    {
        var database = redis.GetDatabase();
        var circuit = database.HashGetAsync(keys.Circuit(account.Id), "state");
        var reserved = database.HashGetAsync(keys.AccountLimits(account.Id), ["month", "reserved_percent"]);
        var ring = account.CallsPer5Minutes is null ? Task.FromResult<HashEntry[]>([]) : database.HashGetAllAsync(keys.QuotaFiveMinutes(account.Id));
        var month = account.CallsPerMonth is null
            ? Task.FromResult<RedisValue[]>([])
            : database.HashGetAsync(keys.QuotaMonth(account.Id), ["month", "left", "upto", "gone"]);
        var percent = (int)Number((await reserved)[1]);
        return new AccountCondition(
            account,
            account.CallsPerMonth is { } budget && IsMonthUsedUp(budget, (await reserved)[0], percent, await month),
            account.CallsPer5Minutes is { } five && CallsOf(await ring) >= AccountLimits.PollingShare(five, percent),
            (await circuit) is { HasValue: true } state && state != "closed");
    }

    // Of the month polling leaves a tenth of the reserve.
    private static bool IsMonthUsedUp(long budget, RedisValue now, int percent, RedisValue[] held)
    {
        if (held[3] == $"{now}|{budget.ToString(CultureInfo.InvariantCulture)}")
        {
            return true;
        }

        var share = percent <= 0 || budget < 10 ? budget : budget - Math.Max(1, budget * percent / 1000);
        return held[0] == now && Number(held[2]) - Number(held[1]) >= share;
    }

    private long CallsOf(HashEntry[] ring)
    {
        var live = (clock.GetUtcNow().ToUnixTimeMilliseconds() - FiveMinutesMs) / SlotMs;
        return ring.Where(slot => slot.Name.TryParse(out long number) && number >= live).Sum(slot => Number(slot.Value));
    }

    private static long Number(RedisValue value) => value.TryParse(out double number) ? (long)number : 0;
}
