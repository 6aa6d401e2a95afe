using Polling.Core.Queue.Claims;
using Polling.Core.Queue.Completion;
using Polling.Core.Queue.Quotas;
using Polling.Simulation.Tests.Events;
using Polling.Simulation.Tests.World;
using StackExchange.Redis;

namespace Polling.Simulation.Tests.Processes;

/// <summary>One claimed call, step by step as the real executor runs it: facts, quota, carrier, end of the permit, commit, completion.</summary>
internal sealed class CallLife(SimulatedWorld world, HeldCall held)
{
    private static readonly TimeSpan ShortPause = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan CommitPause = TimeSpan.FromMilliseconds(500);
    private const int GrantsMax = 3;
    private readonly Dictionary<long, long> _intervals = [];
    private int _attempts;

    private ClaimedCall Call => held.Call;

    public async Task RunAsync(Actor actor)
    {
        try
        {
            await RunStepsAsync(actor);
        }
        catch (CallRefusedException e)
        {
            await ReturnAsync(actor, e.RetryAfter, e.Refusal);
        }
        catch (Exception e) when (e is RedisTimeoutException or DatabaseAwayException)
        {
            world.Log(actor.Name, "is given up");
        }
    }

    private async Task RunStepsAsync(Actor actor)
    {
        var facts = await world.AskAsync(actor, "facts", () => world.Redis.Claims.ReadFactsAsync(Call.Type, Call.Cards), _ => string.Join(' ', Call.Cards.Select(c => $"{c.CardId}:{c.DueMs}")));
        var asked = new List<DueCard>();
        var completed = new List<CompletedCard>();
        for (var i = 0; i < facts.Cards.Count; i++)
        {
            _intervals[Call.Cards[i].CardId] = facts.Cards[i].IntervalMs;
            if (facts.Cards[i] is { Facts: { } card, IntervalMs: > 0 } && card.AccountId == Call.AccountId)
            {
                asked.Add(Call.Cards[i]);
            }
            else
            {
                completed.Add(new CompletedCard(Call.Cards[i].CardId, CardOutcome.NotAsked, null, TimeSpan.Zero));
            }
        }

        var duration = TimeSpan.Zero;
        if (asked.Count > 0)
        {
            var started = world.Loop.NowUs;
            var readings = await AskCarrierAsync(actor, asked);
            duration = TimeSpan.FromMicroseconds(world.Loop.NowUs - started);
            await world.AskAsync(actor, "release", async () =>
            {
                await world.Redis.Claims.ReleaseAsync(Call);
                return true;
            });
            completed.AddRange(await CommitAsync(actor, readings));
        }

        await world.AskAsync(actor, "complete", async () =>
        {
            var status = await world.Redis.Completion.CompleteAsync(Call, completed, duration, facts);
            if (status == CompletionStatus.Completed)
            {
                world.Checks.Complete(Call, completed, id => Math.Min(_intervals[id], world.LeastIntervalMsOf(world.Database[id])));
            }

            return status;
        }, s => $"{s} {string.Join(' ', completed.Select(c => $"{c.CardId}:{(int)c.Outcome}"))}");
        if (completed.Any(c => c.Outcome != CardOutcome.Checked))
        {
            world.HintSchedulers();
        }
    }

    private async Task<Reading[]> AskCarrierAsync(Actor actor, List<DueCard> asked)
    {
        var giveUpAt = world.Loop.NowUs + (long)world.Options.TotalTimeout.TotalMicroseconds;
        for (var tries = 1; ; tries++)
        {
            var attempt = await AcquireAsync(actor);
            var sentAt = world.Loop.NowUs;
            world.Checks.Send(Call, asked);
            actor.Step = "call";
            var exchange = world.Carrier.Send(Call.AccountId, attempt, [.. asked.Select(c => world.Database[c.CardId])]);
            await actor.WaitAsync(exchange.Answered, world.Options.AttemptTimeout);
            var result = exchange.Result ?? AttemptResult.Transport;
            await EndAsync(actor, attempt, result, TimeSpan.FromMicroseconds(world.Loop.NowUs - sentAt));
            if (result == AttemptResult.Ok)
            {
                var answers = exchange.Answers.ToDictionary(a => a.CardId);
                return [.. asked.Select(c => new Reading(
                    c.CardId, c.DueMs, answers[c.CardId].RealName is null ? CardOutcome.CardFailed : CardOutcome.Checked, answers[c.CardId].RealName))];
            }

            // A broken connection is tried once more; a timeout is not.
            if (tries > 1 || exchange.Result != AttemptResult.Transport || world.Loop.NowUs >= giveUpAt)
            {
                return [.. asked.Select(c => new Reading(c.CardId, c.DueMs, CardOutcome.Failed, null))];
            }

            await actor.PauseAsync(TimeSpan.FromMilliseconds(world.Random.Next(100, 300)));
        }
    }

    // The attempt that was granted just now; a grant that came late is not used.
    private async Task<string> AcquireAsync(Actor actor)
    {
        for (var grants = 1; ; grants++)
        {
            if (held.EndsAtUs - (world.Options.TotalTimeout + world.Options.Margin).TotalMicroseconds <= world.Loop.NowUs)
            {
                throw new CallRefusedException(ShortPause, QuotaRefusal.None);
            }

            var attempt = $"{Call.Type}:{Call.Id}#{++_attempts}";
            var askedAt = world.Loop.NowUs;
            var decision = await AcquireAsync(actor, attempt);
            if (!decision.IsGranted)
            {
                throw new CallRefusedException(decision.RetryAfter, decision.Refusal);
            }

            if (world.Loop.NowUs - askedAt <= QuotaGate.Margin.TotalMicroseconds)
            {
                return attempt;
            }

            await EndAsync(actor, attempt, AttemptResult.None, TimeSpan.Zero);
            if (grants % GrantsMax == 0)
            {
                await actor.PauseAsync(ShortPause);
            }
        }
    }

    private async Task<QuotaDecision> AcquireAsync(Actor actor, string attempt)
    {
        var timeout = world.Options.TotalTimeout + world.Options.Margin;
        var priority = Call.IsManual ? CallPriority.Manual : CallPriority.Polling;
        var decision = await AskAsync();
        if (decision.Month is not { } asked)
        {
            return decision;
        }

        try
        {
            world.Database.CheckReachable(world.NowMs);
            var block = world.Database.ReserveMonth(world.Accounts[Call.AccountId], asked.Month);
            await world.AskAsync(actor, "grant", () => world.Redis.Quotas.GrantAsync(Call.AccountId, asked, block));
        }
        catch (DatabaseAwayException)
        {
            return decision with { RetryAfter = TimeSpan.FromSeconds(1) };
        }

        return await AskAsync();

        Task<QuotaDecision> AskAsync() => world.AskAsync(
            actor, "acquire", () => world.Redis.Quotas.AcquireAsync(Call.AccountId, attempt, timeout, priority), d => d.Refusal.ToString());
    }

    private async Task EndAsync(Actor actor, string attempt, AttemptResult result, TimeSpan latency)
    {
        try
        {
            await world.AskAsync(actor, "report", () => world.Redis.Quotas.EndAsync(Call.AccountId, attempt, result, latency), h => $"{result} {h}");
        }
        catch (RedisTimeoutException)
        {
            // Its time in flight ends by itself.
        }
    }

    private async Task<IEnumerable<CompletedCard>> CommitAsync(Actor actor, Reading[] readings)
    {
        var checkedMs = Call.ClaimedMs + (world.Loop.NowUs - held.AskedAtUs) / 1000;
        while (true)
        {
            actor.Step = "commit";
            await actor.PauseAsync(TimeSpan.FromMilliseconds(world.Random.Next(1, 10)));
            try
            {
                var versions = readings.ToDictionary(r => r.CardId, r => world.Database[r.CardId].Version);
                var accepted = world.Database.Commit(readings, (Call.Epoch, Call.Token), checkedMs, world.NowMs);
                foreach (var card in accepted)
                {
                    var reading = readings.First(r => r.CardId == card.Id);
                    if (reading.Outcome == CardOutcome.Checked)
                    {
                        world.Checks.Commit(card, reading.DueMs);
                    }
                    else
                    {
                        // A failed card is asked soon again, whatever became of its completion.
                        world.Checks.MayBeAsked(card.Id);
                    }
                }

                var changed = accepted.Where(c => c.Version != versions[c.Id]).ToDictionary(c => c.Id, c => c.Facts);
                world.Log(actor.Name, $"commits {accepted.Count} of {readings.Length}, {changed.Count} changed");
                if (world.Faults?.LosesCommit(actor) == true)
                {
                    throw new DatabaseAwayException();
                }

                foreach (var card in changed.Keys)
                {
                    _intervals[card] = world.LeastIntervalMsOf(world.Database[card]);
                }

                await actor.PauseAsync(TimeSpan.FromMilliseconds(1));
                return readings.Select(r => new CompletedCard(
                    r.CardId, r.Outcome, changed.GetValueOrDefault(r.CardId), r.Outcome == CardOutcome.Checked ? TimeSpan.Zero : world.Options.RetryAfter));
            }
            catch (DatabaseAwayException) when (world.Loop.NowUs + CommitPause.TotalMicroseconds < held.EndsAtUs - world.Options.Margin.TotalMicroseconds)
            {
                await actor.PauseAsync(CommitPause);
            }
        }
    }

    private async Task ReturnAsync(Actor actor, TimeSpan pause, QuotaRefusal refusal)
    {
        try
        {
            await world.AskAsync(actor, "return", async () =>
            {
                var returned = await world.Redis.Claims.ReturnAsync(Call, pause, refusal);
                if (returned)
                {
                    world.Checks.Return(Call);
                }

                return returned;
            }, r => $"{refusal} {r}");
            world.HintSchedulers();
        }
        catch (RedisTimeoutException)
        {
            // The lease ends by itself.
        }
    }

    private sealed class CallRefusedException(TimeSpan retryAfter, QuotaRefusal refusal) : Exception("The call is not sent.")
    {
        public TimeSpan RetryAfter { get; } = retryAfter;

        public QuotaRefusal Refusal { get; } = refusal;
    }
}
