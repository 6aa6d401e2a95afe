using System.Collections.Concurrent;
using System.Globalization;
using Polling.Core.Persistence.Accounts;
using Polling.Core.Queue.Scripts;
using StackExchange.Redis;

namespace Polling.Core.Queue.Quotas;

/// <summary>
/// The scripts that charge an account right before each HTTP attempt of every kind, and learn from how it ended. Senders use
/// <see cref="AccountGate"/>, which also fetches the blocks of monthly budgets.
/// </summary>
public sealed class QuotaGate
{
    /// <summary>For jitter between a grant and the carrier's own count. A call that could not be sent within it must be granted anew.</summary>
    public static readonly TimeSpan Margin = TimeSpan.FromMilliseconds(100);

    /// <summary>The window in which calls a second are counted: a second and the margin.</summary>
    public static readonly TimeSpan Window = TimeSpan.FromSeconds(1) + Margin;

    private const int AttemptsPerRun = 200;

    // In a cluster each account has a slot of its own, so each has runs of its own.
    private readonly ConcurrentDictionary<int, ScriptBatcher<Attempt, QuotaDecision>> _acquires = [];
    private readonly ConcurrentDictionary<int, ScriptBatcher<Attempt, AccountHealth?>> _reports = [];
    private readonly ScriptRunner _scripts;
    private readonly RedisKeys _keys;
    private readonly TimeProvider _time;

    /// <summary>The scripts over a connection. What is asked at about the same time goes in one run.</summary>
    /// <param name="scripts">Runs them.</param>
    /// <param name="keys">Names of keys.</param>
    /// <param name="time">Tells when Redis was asked.</param>
    public QuotaGate(ScriptRunner scripts, RedisKeys keys, TimeProvider? time = null) => (_scripts, _keys, _time) = (scripts, keys, time ?? TimeProvider.System);

    /// <summary>Asks for one attempt.</summary>
    /// <param name="accountId">Carrier account.</param>
    /// <param name="attempt">Name of the attempt, unique; the same again is granted without a second charge.</param>
    /// <param name="timeout">The longest that it can be in flight.</param>
    /// <param name="priority">How much of the budgets it may use.</param>
    public Task<QuotaDecision> AcquireAsync(int accountId, string attempt, TimeSpan timeout, CallPriority priority = CallPriority.Polling) =>
        _acquires.GetOrAdd(SlotOf(accountId), _ => new("acquire", AttemptsPerRun, _ => 1, AcquireRunAsync))
            .RunAsync(new Attempt(accountId, attempt, (long)timeout.TotalMilliseconds, (int)priority));

    /// <summary>Moves a grant that was not used yet to now, once: it is not charged again.</summary>
    /// <param name="accountId">Carrier account.</param>
    /// <param name="attempt">Name of the attempt that was granted.</param>
    /// <param name="timeout">The longest that it can be in flight from now on.</param>
    /// <returns>False when it came too late: the attempt must not be sent, and another be asked for.</returns>
    public async Task<bool> RegrantAsync(int accountId, string attempt, TimeSpan timeout) => (int)await _scripts.RunAsync("regrant",
        [_keys.QuotaWindow(accountId), _keys.InFlight(accountId)],
        [attempt, (long)timeout.TotalMilliseconds, (long)Window.TotalMicroseconds]) == 1;

    /// <summary>The attempt has ended: it is no longer in flight, and the account learns from its result.</summary>
    /// <param name="accountId">Carrier account.</param>
    /// <param name="attempt">Name of the attempt; one that had ended already changes nothing.</param>
    /// <param name="result">What it says about the carrier.</param>
    /// <param name="latency">From sending to the end of the answer.</param>
    /// <returns>What the account makes of it; null when the attempt had ended already.</returns>
    public Task<AccountHealth?> EndAsync(int accountId, string attempt, AttemptResult result = AttemptResult.None, TimeSpan latency = default) =>
        _reports.GetOrAdd(SlotOf(accountId), _ => new("report", AttemptsPerRun, _ => 1, ReportRunAsync))
            .RunAsync(new Attempt(accountId, attempt, Name(result), (long)latency.TotalMilliseconds));

    /// <summary>Hands Redis what PostgreSQL reserved.</summary>
    /// <param name="accountId">Carrier account.</param>
    /// <param name="asked">The month as acquire named it.</param>
    /// <param name="block">The block; null = the budget is gone.</param>
    /// <returns>False when it came too late: it counts as used.</returns>
    public async Task<bool> GrantAsync(int accountId, MonthToFetch asked, MonthBlock? block)
    {
        var reply = (RedisResult[])(await _scripts.RunAsync("grant",
            [_keys.AccountLimits(accountId), _keys.QuotaMonth(accountId)],
            [
                asked.Month.ToString(AccountLimits.MonthFormat, CultureInfo.InvariantCulture), block?.Calls ?? 0, block?.Reserved ?? 0, asked.Budget,
            ]))!;
        return (int)reply[0] == 1;
    }

    private async Task<IReadOnlyList<QuotaDecision>> AcquireRunAsync(IReadOnlyList<Attempt> attempts)
    {
        var askedAt = _time.GetTimestamp();
        return await RunAsync("acquire", attempts, [(long)Window.TotalMicroseconds], reply => Decide(reply) with { AskedAt = askedAt }, account =>
        [
            _keys.AccountLimits(account), _keys.QuotaWindow(account), _keys.InFlight(account), _keys.QuotaFiveMinutes(account),
            _keys.QuotaMonth(account), _keys.Circuit(account),
        ]);
    }

    private async Task<IReadOnlyList<AccountHealth?>> ReportRunAsync(IReadOnlyList<Attempt> attempts) =>
        await RunAsync("report", attempts, [], Judge, account => [_keys.AccountLimits(account), _keys.InFlight(account), _keys.Circuit(account)]);

    /// <summary>Runs a script that takes attempts by account; its replies come in the attempts' own order.</summary>
    private async Task<TReply[]> RunAsync<TReply>(
        string verb, IReadOnlyList<Attempt> attempts, RedisValue[] first, Func<RedisResult[], TReply> read, Func<int, RedisKey[]> keysOf)
    {
        var replies = new TReply[attempts.Count];
        var all = new List<RedisKey>();
        var arguments = new List<RedisValue>(first);
        var order = new List<int>(attempts.Count);
        foreach (var account in Enumerable.Range(0, attempts.Count).GroupBy(i => attempts[i].AccountId))
        {
            all.AddRange(keysOf(account.Key));
            arguments.Add(account.Count());
            foreach (var i in account)
            {
                order.Add(i);
                arguments.AddRange([attempts[i].Name, attempts[i].Second, attempts[i].Third]);
            }
        }

        var reply = (RedisResult[])(await _scripts.RunAsync(verb, [.. all], [.. arguments]))!;
        for (var i = 0; i < reply.Length; i++)
        {
            replies[order[i]] = read((RedisResult[])reply[i]!);
        }

        return replies;
    }

    private static QuotaDecision Decide(RedisResult[] reply)
    {
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

    private static AccountHealth? Judge(RedisResult[] reply) => (int)reply[0] == 0
        ? null
        : new AccountHealth(Enum.Parse<CircuitState>((string)reply[1]!, ignoreCase: true), (int)reply[2], (int)reply[3] == 1);

    private int SlotOf(int accountId) => _keys.Layout == KeyLayout.Cluster ? accountId : 0;

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

    /// <summary>An attempt as a script takes it: acquire its longest time, ms, and its priority; report its result and its latency, ms.</summary>
    private sealed record Attempt(int AccountId, string Name, RedisValue Second, RedisValue Third);
}
