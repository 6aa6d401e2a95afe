using System.Globalization;
using Polling.Core.Cards;
using Polling.Core.Carriers;
using Polling.Core.Persistence.Accounts;
using Polling.Core.Queue.Audit;
using Polling.Core.Queue.Claims;
using Polling.Core.Queue.Completion;
using Polling.Core.Queue.Facts;
using Polling.Core.Queue.Placement;
using Polling.Core.Queue.Quotas;
using Polling.Queue.Tests.Harness;
using StackExchange.Redis;

namespace Polling.Queue.Tests.Model;

/// <summary>
/// Does operations on the real scripts, keeps what it knows of them beside, and checks after every step that Redis agrees. The operations
/// of one step run at the same time.
/// </summary>
internal sealed class ModelRun
{
    private const int CardCount = 48;
    private const int Executors = 3;
    private const int StepsTold = 25;
    private const string HourAndMinute = "*,0,*,60000,1;*,1,*,3600000,2;";
    private const long MonthBlockCalls = 3;
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(15);
    private readonly ModelState _state = new();
    private readonly TestQueue _queue;
    private readonly Lock _lock = new();
    private readonly long[] _sequences = new long[Executors + 1];
    private readonly SemaphoreSlim[] _claiming = [.. Enumerable.Range(0, Executors + 1).Select(_ => new SemaphoreSlim(1))];

    // What holds only when all operations of the step have ended.
    private readonly List<Func<string?>> _afterwards = [];
    private readonly Dictionary<int, IntervalRules> _rules = new()
    {
        [1] = IntervalRules.Parse(HourAndMinute),
        [2] = IntervalRules.Parse(HourAndMinute),
        [3] = IntervalRules.Parse(HourAndMinute),
    };

    // Who writes an account's entry has it: so entries and rules agree.
    private readonly SemaphoreSlim _publishing = new(1);
    private long _version = 1;
    private int _attempts;
    private int _trigger;
    private bool _alone;

    private ModelRun(TestQueue queue) => _queue = queue;

    /// <summary>Does the steps from an empty Redis on.</summary>
    /// <exception cref="ModelException">What was wrong after which step.</exception>
    public static async Task RunAsync(Engines engines, Engine engine, Operation[][] steps)
    {
        var run = new ModelRun(await TestQueue.StartAsync(engines, engine));
        await run.SeedAsync();
        for (var i = 0; i < steps.Length; i++)
        {
            string? problem;
            try
            {
                problem = await run.StepAsync(steps[i]);
            }
            catch (Exception e) when (e is RedisException or InvalidOperationException or FormatException or ArgumentException or KeyNotFoundException)
            {
                problem = e.ToString();
            }

            if (problem is not null)
            {
                var before = steps.Take(i).TakeLast(StepsTold).Select(step => $"  {string.Join(" beside ", step)}");
                throw new ModelException($"after step {i}, {string.Join(" beside ", steps[i])}: {problem}\nThe steps before it:\n{string.Join('\n', before)}");
            }
        }
    }

    private async Task SeedAsync()
    {
        await ChangeAccountAsync(1, callsPerSecond: 4, cardsPerCall: 7, active: true, inFlight: 3, fiveMinutes: null, month: null);
        await ChangeAccountAsync(2, callsPerSecond: 50, cardsPerCall: 1, active: true, inFlight: 20, fiveMinutes: 6, month: null);
        await ChangeAccountAsync(3, callsPerSecond: 10, cardsPerCall: 3, active: true, inFlight: 10, fiveMinutes: null, month: 6);
        await _queue.AllowAsync(_state.Permits = 6);
        var cards = Enumerable.Range(1, CardCount).Select(id => TestQueue.Card(id, account: id % 3 + 1)).ToArray();
        foreach (var card in cards)
        {
            _state.Cards[card.CardId] = card;
        }

        await _queue.PlaceAsync(cards);
    }

    private async Task<string?> StepAsync(Operation[] operations)
    {
        _alone = operations.Length == 1;
        _afterwards.Clear();
        var before = await RedisPicture.ReadAsync(_queue, _state.Cards.Keys);
        var permits = _state.Permits;

        // Time stands still while operations run beside each other.
        foreach (var wait in operations.Where(o => o.Verb is Verb.Wait or Verb.WaitLong))
        {
            await _queue.AdvanceAsync(TimeSpan.FromMilliseconds(wait.Verb == Verb.Wait ? wait.A * 3 : wait.A * 60));
        }

        var held = before.PermitsHeld(_queue.NowMs);
        var problems = await Task.WhenAll(operations.Select(DoAsync));
        await _queue.KeepAsync();
        var after = await RedisPicture.ReadAsync(_queue, _state.Cards.Keys);
        var most = Math.Max(held, Math.Max(permits, _state.Permits));
        return problems.FirstOrDefault(p => p is not null)
            ?? _afterwards.Select(check => check()).FirstOrDefault(p => p is not null)
            ?? (after.PermitsHeld(_queue.NowMs) > most ? $"{after.PermitsHeld(_queue.NowMs)} permits are held, {_state.Permits} are allowed and {held} were held before" : null)
            ?? after.FindProblem(_state, _queue.NowMs);
    }

    private async Task<string?> DoAsync(Operation operation)
    {
        var (a, b) = (operation.A, operation.B);
        switch (operation.Verb)
        {
            case Verb.Promote:
                await _queue.PromoteAsync();
                return null;
            case Verb.Claim or Verb.ClaimTwice or Verb.ClaimAndDie:
                return await ClaimAsync(a % Executors, 1 + b % 4, twice: operation.Verb == Verb.ClaimTwice, dies: operation.Verb == Verb.ClaimAndDie);
            case Verb.Acquire:
                return Pick(a) is { } toSend ? await AcquireAsync(toSend) : null;
            case Verb.Report:
                return await ReportAsync(a, (AttemptResult)(b % 5));
            case Verb.Release:
                return Pick(a) is { } answered ? await ReleaseAsync(answered) : null;
            case Verb.Renew:
                return Pick(a) is { } slow ? await RenewAsync(slow) : null;
            case Verb.Complete:
                return Pick(a) is { } done ? await CompleteAsync(done, b) : null;
            case Verb.CompleteAny:
                return _state.Calls.Count > 0 ? await CompleteAsync(_state.Calls[a % _state.Calls.Count], b) : null;
            case Verb.Return:
                return Pick(a) is { } unsent ? await ReturnAsync(unsent, QuotaRefusal.None, TimeSpan.FromMilliseconds(b)) : null;
            case Verb.Place:
                await PlaceAsync(1 + a % CardCount, b);
                return null;
            case Verb.Request:
                // Now and then for the trigger that comes after the present one: calls of both.
                await _queue.Manual.RequestAsync(TestQueue.Type, Trigger(_trigger + (a + b) % 3 / 2), [1 + a % CardCount, 1 + b % CardCount]);
                return null;
            case Verb.Cancel:
                return await CancelAsync(Trigger(Interlocked.Increment(ref _trigger) - 1));
            case Verb.Discharge:
                var listed = await _queue.Quarantine.ListAsync(TestQueue.Type, 0, 5);
                await _queue.Quarantine.DischargeAsync(TestQueue.Type, TestQueue.Epoch, [.. listed.Select(c => _state.Cards[c.CardId])]);
                return null;
            case Verb.ChangeAccount:
                await ChangeAccountAsync(1 + a % 3, 2 + b % 20, 1 + b % 9, active: b % 4 != 0, 2 + b % 10, a % 3 == 1 ? 4 + b % 6 : null, a % 3 == 2 ? 5 + b % 9 : null);
                return null;
            case Verb.ChangeIntervals:
                await ChangeIntervalsAsync(1 + a % 3, b);
                return null;
            case Verb.Move:
                return await MoveAsync(1 + a % 3, all: false);
            case Verb.MoveAll:
                return await MoveAsync(1 + a % 3, all: true);
            case Verb.ChangePermits:
                await _queue.AllowAsync(_state.Permits = a % 9);
                return null;
            case Verb.Damage when _alone:
                await new Damage(_queue, _state).DoAsync(a, b);
                return null;
            case Verb.FlushScripts:
                await Task.WhenAll(_queue.Redis.Multiplexer.GetServers().Select(server => server.ScriptFlushAsync()));
                return null;
            default:
                return null;
        }
    }

    private ModelCall? Pick(int number)
    {
        var held = _state.Calls.Where(c => !c.HasEnded && !c.IsAbandoned).ToArray();
        return held.Length == 0 ? null : held[number % held.Length];
    }

    private static string Trigger(int number) => string.Create(CultureInfo.InvariantCulture, $"model-{number}");

    private async Task<string?> CancelAsync(string trigger)
    {
        await _queue.Settled.CancelAsync(TestQueue.Type, trigger, _queue.Accounts);
        var left = (await _queue.Redis.HashValuesAsync(_queue.Keys.Chunks(TestQueue.Type))).FirstOrDefault(chunk => ((string)chunk!).Contains($"{trigger}@", StringComparison.Ordinal));
        return left.IsNull || !_alone ? null : $"{trigger} was cancelled and is in the queue: {left}";
    }

    private async Task<string?> ClaimAsync(int executor, int calls, bool twice, bool dies)
    {
        // An executor makes one claim after the other.
        await _claiming[executor].WaitAsync();
        try
        {
            var (name, sequence) = ($"e{executor}", ++_sequences[executor]);
            var reply = await _queue.Claims.ClaimAsync(TestQueue.Type, name, sequence, calls, TestQueue.Lease, TestQueue.Permit);
            var facts = await Task.WhenAll(reply.Calls.Select(call => _queue.Claims.ReadFactsAsync(TestQueue.Type, call.Cards)));
            if (Hand(reply.Calls, facts, dies) is { } doubled)
            {
                return doubled;
            }

            if (!twice || reply.Calls.Count == 0)
            {
                return null;
            }

            return await UnchangedAsync("a repeated claim", async () =>
            {
                var again = await _queue.Claims.ClaimAsync(TestQueue.Type, name, sequence, calls, TestQueue.Lease, TestQueue.Permit);
                // What another operation of the step has ended is not brought again.
                var strangers = again.Calls.Select(c => c.Id).Except(reply.Calls.Select(c => c.Id)).ToArray();
                return strangers.Length > 0 || (_alone && again.Calls.Count != reply.Calls.Count)
                    ? $"the repeated claim brought {string.Join(", ", again.Calls.Select(c => c.Id))} instead of {string.Join(", ", reply.Calls.Select(c => c.Id))}"
                    : null;
            });
        }
        finally
        {
            _claiming[executor].Release();
        }
    }

    private string? Hand(IReadOnlyList<ClaimedCall> calls, CallFacts[] facts, bool isAbandoned)
    {
        lock (_lock)
        {
            for (var i = 0; i < calls.Count; i++)
            {
                var call = calls[i];
                if (!_state.CallIds.Add(call.Id))
                {
                    return $"the call {call.Id} was handed out twice";
                }

                _state.Calls.Add(new ModelCall(call, facts[i], _queue.NowMs + (long)TestQueue.Lease.TotalMilliseconds) { IsAbandoned = isAbandoned });
            }
        }

        return null;
    }

    private async Task<string?> AcquireAsync(ModelCall call)
    {
        var (account, name) = (call.Call.AccountId, string.Create(CultureInfo.InvariantCulture, $"{call.Call.Id}/{++_attempts}"));
        var decision = await _queue.Quotas.AcquireAsync(account, name, Timeout);
        if (decision.Month is { } month)
        {
            // PostgreSQL hands out the budget in blocks.
            MonthBlock? block;
            lock (_lock)
            {
                var reserved = _state.MonthReserved.GetValueOrDefault(account);
                var calls = Math.Min(MonthBlockCalls, month.Budget - reserved);
                _state.MonthReserved[account] = reserved + Math.Max(0, calls);
                block = calls > 0 ? new MonthBlock(calls, reserved + calls) : null;
            }

            await _queue.Quotas.GrantAsync(account, month, block);
            decision = await _queue.Quotas.AcquireAsync(account, name, Timeout);
        }

        if (!decision.IsGranted)
        {
            return await ReturnAsync(call, decision.Refusal, decision.RetryAfter);
        }

        lock (_lock)
        {
            _state.Attempts.Add(new ModelAttempt(name, account, _queue.NowMs, _queue.NowMs + (long)Timeout.TotalMilliseconds));
        }

        await _queue.KeepAsync();
        _afterwards.Add(() => _state.FindExcess(account, _queue.NowMs));
        return await UnchangedAsync("a repeated acquire", async () =>
            (await _queue.Quotas.AcquireAsync(account, name, Timeout)).IsGranted ? null : "the repeated acquire was refused");
    }

    private async Task<string?> ReportAsync(int number, AttemptResult result)
    {
        ModelAttempt? attempt;
        lock (_lock)
        {
            var open = _state.Attempts.Where(t => !t.HasEnded).ToArray();
            attempt = open.Length == 0 ? null : open[number % open.Length];
        }

        if (attempt is null)
        {
            return null;
        }

        await _queue.Quotas.EndAsync(attempt.AccountId, attempt.Name, result, TimeSpan.FromMilliseconds(20));
        attempt.HasEnded = true;
        return await UnchangedAsync("a repeated report", async () =>
            await _queue.Quotas.EndAsync(attempt.AccountId, attempt.Name, result, TimeSpan.FromMilliseconds(20)) is null ? null : "the attempt ended twice");
    }

    private async Task<string?> ReleaseAsync(ModelCall call)
    {
        await _queue.Claims.ReleaseAsync(call.Call);
        return null;
    }

    private async Task<string?> RenewAsync(ModelCall call)
    {
        var mayHaveLost = call.LeaseUntilMs <= _queue.NowMs;
        var renewed = (await _queue.Renewal.RenewAsync([call.Call], TestQueue.Lease))[0];
        var ended = call.HasEnded;
        if (renewed)
        {
            call.LeaseUntilMs = Math.Max(call.LeaseUntilMs, _queue.NowMs + (long)TestQueue.Lease.TotalMilliseconds);
        }

        _afterwards.Add(() => !renewed && !mayHaveLost && !call.HasEnded ? $"{call.Call.Id} is held, but was not renewed" : null);
        return renewed && ended && _alone ? $"{call.Call.Id} has ended, but was renewed" : null;
    }

    private async Task<string?> CompleteAsync(ModelCall call, int number)
    {
        var mayHaveLost = call.LeaseUntilMs <= _queue.NowMs || call.IsAbandoned;
        var hadEnded = call.HasEnded;
        var cards = call.Call.Cards.Select((card, i) => Outcome(card.CardId, number + i)).ToArray();
        var status = await _queue.Completion.CompleteAsync(call.Call, cards, TimeSpan.FromMilliseconds(7), call.Facts);
        if (status == CompletionStatus.Completed)
        {
            lock (_lock)
            {
                if (hadEnded || call.HasEnded)
                {
                    return $"{call.Call.Id} was ended twice";
                }

                call.HasEnded = true;
                _state.Succeeded += cards.Count(c => c.Outcome.IsChecked());
                foreach (var card in cards.Where(c => c.Outcome != CardOutcome.NotAsked))
                {
                    _state.CheckedMs[card.CardId] = card.Outcome.IsChecked() ? _queue.NowMs : 0;
                }

                _state.Failed += cards.Count(c => c.Outcome is CardOutcome.Failed or CardOutcome.CardFailed);
                _state.Completed += cards.All(c => c.Outcome == CardOutcome.NotAsked) ? 0 : 1;
            }
        }

        _afterwards.Add(() => status == CompletionStatus.LeaseLost && !mayHaveLost && !call.HasEnded ? $"{call.Call.Id} is held, but could not be completed" : null);
        return await UnchangedAsync("a repeated completion", async () =>
            await _queue.Completion.CompleteAsync(call.Call, cards, TimeSpan.FromMilliseconds(7), call.Facts) == CompletionStatus.LeaseLost ? null : $"{call.Call.Id} was completed twice");
    }

    // Mostly checked; sometimes with a changed real-name status, which the executor has just committed.
    private CompletedCard Outcome(long cardId, int number)
    {
        var outcome = number % 10 < 6 ? CardOutcome.Checked : (CardOutcome)(1 + number % 5);
        CardFacts? facts = null;
        if (number % 7 == 0)
        {
            lock (_lock)
            {
                var known = _state.Cards[cardId];
                facts = known with { RealName = (RealNameStatus)(1 - (int)known.RealName), Version = ++_version };
                _state.Cards[cardId] = facts;
            }
        }

        return new CompletedCard(cardId, outcome, facts, TimeSpan.FromSeconds(number % 30));
    }

    private async Task<string?> ReturnAsync(ModelCall call, QuotaRefusal refusal, TimeSpan pause)
    {
        var mayHaveLost = call.LeaseUntilMs <= _queue.NowMs;
        var returned = await _queue.Claims.ReturnAsync(call.Call, pause, refusal);
        if (returned)
        {
            lock (_lock)
            {
                if (call.HasEnded)
                {
                    return $"{call.Call.Id} was ended twice";
                }

                call.HasEnded = true;
            }
        }

        _afterwards.Add(() => !returned && !mayHaveLost && !call.HasEnded ? $"{call.Call.Id} is held, but could not be returned" : null);
        return await UnchangedAsync("a repeated return", async () =>
            await _queue.Claims.ReturnAsync(call.Call, pause, refusal) ? $"{call.Call.Id} was returned twice" : null);
    }

    private async Task PlaceAsync(long id, int number)
    {
        CardFacts facts;
        lock (_lock)
        {
            var known = _state.Cards[id];
            facts = (number % 4) switch
            {
                0 => known,
                1 => known with { AccountId = 1 + number % 3, Version = ++_version },
                2 => known with { RealName = (RealNameStatus)(1 - (int)known.RealName), Version = ++_version },
                _ => known with { Status = number % 8 == 3 ? CardStatus.Terminated : CardStatus.Active, Version = ++_version },
            };
            _state.Cards[id] = facts;
        }

        await _queue.PlaceAsync(facts);
    }

    private async Task ChangeAccountAsync(int id, int callsPerSecond, int cardsPerCall, bool active, int inFlight, int? fiveMinutes, long? month)
    {
        await _publishing.WaitAsync();
        await _queue.AddAccountAsync(id, callsPerSecond, cardsPerCall, 100, active, inFlight, _rules[id].Rules);
        _publishing.Release();
        var account = new CarrierAccount
        {
            Id = id,
            Code = $"A{id}",
            Name = $"A{id}",
            CallsPerSecond = callsPerSecond,
            CardsPerCall = cardsPerCall,
            MaxInFlight = inFlight,
            CallsPer5Minutes = fiveMinutes,
            CallsPerMonth = month,
            Status = active ? AccountStatus.Active : AccountStatus.Paused,
            TimeZone = "Asia/Shanghai",
            CreatedAt = DateTimeOffset.FromUnixTimeMilliseconds(_queue.NowMs),
        };
        await _queue.Redis.HashSetAsync(_queue.Keys.AccountLimits(id),
            AccountLimits.Of(account, DateTimeOffset.FromUnixTimeMilliseconds(_queue.NowMs), "run1", reservedPercent: 0));
        lock (_lock)
        {
            if (!_state.Limits.TryGetValue(id, out var limits))
            {
                _state.Limits[id] = limits = [];
            }

            limits.Add(new ModelLimits(_queue.NowMs, callsPerSecond, fiveMinutes, month, inFlight, active));
        }
    }

    private async Task ChangeIntervalsAsync(int account, int number)
    {
        var rules = IntervalRules.Parse((number % 5) switch { 0 => "", 1 => "*,0,*,20000,1;", 2 => "*,*,*,600000,3;", 3 => "*,1,*,7200000,2;*,*,*,30000,1;", _ => HourAndMinute });
        await _publishing.WaitAsync();
        lock (_lock)
        {
            _state.NotAllPolled.Add(account);
        }

        var entry = (string)(await _queue.Redis.HashGetAsync(_queue.Keys.Accounts(TestQueue.Type), account))!;
        await _queue.Redis.HashSetAsync(_queue.Keys.Accounts(TestQueue.Type), account, entry[..(entry.LastIndexOf('|') + 1)] + rules);
        _rules[account] = rules;
        _publishing.Release();
    }

    private async Task<string?> MoveAsync(int account, bool all)
    {
        var rules = await RulesAsync();
        Dictionary<long, long> checkedMs;
        CardFacts[] cards;
        lock (_lock)
        {
            checkedMs = _state.Cards.Keys.ToDictionary(id => id, id => _state.CheckedMs.GetValueOrDefault(id));
            cards = [.. _state.Cards.Values.Where(card => card.AccountId == account)];
        }

        var ids = (await _queue.Redis.SortedSetRangeByRankAsync(_queue.Keys.Schedule(TestQueue.Type, account))).Select(id => (long)id).ToArray();
        long[] page = all ? ids : [.. ids.Where((_, i) => i % 2 == 0)];
        if (page.Length > 0 && await _queue.Move.MoveAsync(TestQueue.Type, TestQueue.Epoch, account, rules.ToString(), page, checkedMs) is null)
        {
            return _alone ? $"the rules of account {account} are {rules}, and others in Redis" : null;
        }

        // Newer facts, which only placing brings, have a card due by other rules from its next check on.
        if (!all)
        {
            return null;
        }

        if (_alone && await FindLateAsync(account, rules) is { } late)
        {
            return late;
        }

        var findings = await _queue.Audit.LookAsync(TestQueue.Type, cards);
        await _queue.Placement.PlaceAsync(
            TestQueue.Type, TestQueue.Epoch, [.. cards.Where((_, i) => findings[i] == AuditFinding.ToPlace).Select(c => new CardToPlace(c, checkedMs[c.CardId]))],
            PlacementKind.Afresh);
        if (await RulesAsync() != rules)
        {
            return null;
        }

        lock (_lock)
        {
            // What has no configuration stays out; all others have a place now.
            _state.NotAllPolled.Remove(account);
            _state.Unpolled[account] = rules;
        }

        return null;

        async Task<IntervalRules> RulesAsync()
        {
            await _publishing.WaitAsync();
            var held = _rules[account];
            _publishing.Release();
            return held;
        }
    }

    // A moved schedule has every card due within two of its intervals.
    private async Task<string?> FindLateAsync(int account, IntervalRules rules)
    {
        foreach (var entry in await _queue.Redis.SortedSetRangeByRankWithScoresAsync(_queue.Keys.Schedule(TestQueue.Type, account)))
        {
            var facts = (await _queue.CachedAsync((long)entry.Element))!;
            var interval = rules.IntervalMsOf(facts);
            if (facts.AccountId == account && (interval == 0 || entry.Score > _queue.NowMs + 2 * interval))
            {
                return $"card {facts.CardId} with an interval of {interval} ms is due in {entry.Score - _queue.NowMs} ms";
            }
        }

        return null;
    }

    // A repetition finds what it did; nothing in Redis changes. Beside other operations that cannot be seen.
    private async Task<string?> UnchangedAsync(string what, Func<Task<string?>> repeat)
    {
        var before = _alone ? await RedisDigest.ReadAsync(_queue) : "";
        if (await repeat() is { } problem)
        {
            return problem;
        }

        var after = _alone ? await RedisDigest.ReadAsync(_queue) : "";
        return before == after
            ? null
            : $"{what} changed {string.Join("; ", after.Split('\n').Except(before.Split('\n')).Take(3))} from {string.Join("; ", before.Split('\n').Except(after.Split('\n')).Take(3))}";
    }
}
