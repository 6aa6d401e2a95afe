using System.Globalization;
using Polling.Core.Persistence.Accounts;
using Polling.Core.Queue.Scripts;
using StackExchange.Redis;

namespace Polling.Core.Queue.Quotas;

/// <summary>
/// The scripts that charge an account right before each HTTP attempt of every kind, and learn from how it ended. Senders use
/// <see cref="AccountGate"/>, which also fetches the blocks of monthly budgets.
/// </summary>
public sealed class QuotaGate(ScriptRunner scripts, RedisKeys keys)
{
    /// <summary>
    /// The window in which calls a second are counted: a second and a margin of 10 %, for jitter between the grant and the
    /// carrier's own count.
    /// </summary>
    public static readonly TimeSpan Window = TimeSpan.FromMilliseconds(1100);

    /// <summary>Asks for one attempt.</summary>
    /// <param name="accountId">Carrier account.</param>
    /// <param name="attempt">Name of the attempt, unique; the same again is granted without a second charge.</param>
    /// <param name="timeout">The longest that it can be in flight.</param>
    /// <param name="priority">How much of the budgets it may use.</param>
    public async Task<QuotaDecision> AcquireAsync(int accountId, string attempt, TimeSpan timeout, CallPriority priority = CallPriority.Polling)
    {
        RedisKey[] all =
        [
            keys.AccountLimits(accountId), keys.QuotaWindow(accountId), keys.InFlight(accountId), keys.QuotaFiveMinutes(accountId),
            keys.QuotaMonth(accountId), keys.Circuit(accountId),
        ];
        var reply = (RedisResult[])(await scripts.RunAsync("acquire", all,
            [attempt, (long)timeout.TotalMilliseconds, (long)Window.TotalMicroseconds, (int)priority]))!;
        if ((int)reply[0] == 1)
        {
            return new QuotaDecision(QuotaRefusal.None, TimeSpan.Zero);
        }

        var refusal = Read((string)reply[1]!);
        return new QuotaDecision(refusal, TimeSpan.FromMilliseconds((long)reply[2]))
        {
            Month = refusal == QuotaRefusal.MonthBlock
                ? new MonthToFetch(
                    DateOnly.ParseExact((string)reply[3]!, AccountLimits.MonthFormat, CultureInfo.InvariantCulture),
                    long.Parse((string)reply[4]!, CultureInfo.InvariantCulture))
                : null,
        };
    }

    /// <summary>The attempt has ended: it is no longer in flight, and the account learns from its result.</summary>
    /// <param name="accountId">Carrier account.</param>
    /// <param name="attempt">Name of the attempt; one that had ended already changes nothing.</param>
    /// <param name="result">What it says about the carrier.</param>
    /// <param name="latency">From sending to the end of the answer.</param>
    /// <returns>What the account makes of it; null when the attempt had ended already.</returns>
    public async Task<AccountHealth?> EndAsync(int accountId, string attempt, AttemptResult result = AttemptResult.None, TimeSpan latency = default)
    {
        var reply = (RedisResult[])(await scripts.RunAsync("report",
            [keys.AccountLimits(accountId), keys.InFlight(accountId), keys.Circuit(accountId)],
            [attempt, Name(result), (long)latency.TotalMilliseconds]))!;
        return (int)reply[0] == 0
            ? null
            : new AccountHealth(Enum.Parse<CircuitState>((string)reply[1]!, ignoreCase: true), (int)reply[2], (int)reply[3] == 1);
    }

    /// <summary>Hands Redis what PostgreSQL reserved.</summary>
    /// <param name="accountId">Carrier account.</param>
    /// <param name="asked">The month as acquire named it.</param>
    /// <param name="block">The block; null = the budget is gone.</param>
    /// <returns>False when it came too late: it counts as used.</returns>
    public async Task<bool> GrantAsync(int accountId, MonthToFetch asked, MonthBlock? block)
    {
        var reply = (RedisResult[])(await scripts.RunAsync("grant",
            [keys.AccountLimits(accountId), keys.QuotaMonth(accountId)],
            [
                asked.Month.ToString(AccountLimits.MonthFormat, CultureInfo.InvariantCulture), block?.Calls ?? 0, block?.Reserved ?? 0, asked.Budget,
            ]))!;
        return (int)reply[0] == 1;
    }

    private static QuotaRefusal Read(string reason) => reason switch
    {
        "unknown" => QuotaRefusal.Unknown,
        "paused" => QuotaRefusal.Paused,
        "maintenance" => QuotaRefusal.Maintenance,
        "circuit" => QuotaRefusal.Circuit,
        "in_flight" => QuotaRefusal.InFlight,
        "rate" => QuotaRefusal.Rate,
        "five_minutes" => QuotaRefusal.FiveMinutes,
        "month" => QuotaRefusal.Month,
        "month_block" => QuotaRefusal.MonthBlock,
        "month_wait" => QuotaRefusal.MonthWait,
        _ => throw new InvalidOperationException($"acquire-6.lua gave the reason '{reason}', which is not known here."),
    };

    private static string Name(AttemptResult result) => result switch
    {
        AttemptResult.Ok => "ok",
        AttemptResult.Throttled => "throttled",
        AttemptResult.Refused => "refused",
        AttemptResult.Transport => "transport",
        _ => "none",
    };
}
