using System.Diagnostics;
using System.Globalization;
using Microsoft.Extensions.Options;
using Polling.Core.Cards;
using Polling.Core.Configuration;
using Polling.Core.ManualTriggers;
using Polling.Core.Persistence.ManualTriggers;
using Polling.Core.Persistence.Results;
using Polling.Core.Queue.Claims;
using Polling.Core.Queue.Completion;
using Polling.Core.Queue.Facts;
using Polling.Core.Queue.Quotas;
using Polling.Core.Statistics.Windows;
using Polling.Core.Telemetry;
using Polling.Executor.Adaptive;
using Polling.Executor.Checks;
using Polling.Executor.Claims;
using Polling.Executor.Gateway;
using Polling.Executor.Reports;
using StackExchange.Redis;

namespace Polling.Executor.Calls;

/// <summary>
/// The life of one claimed call: facts, quota, gateway, end of the permit, commit in PostgreSQL, completion.
/// </summary>
/// <remarks>
/// A crash at any point leaves the lease, which expires and brings the cards back. A call that was not sent is returned at once.
/// What goes wrong after the gateway answered leaves the lease too: the cards are asked again, and the older token's result, if it
/// was committed after all, is replaced by the newer.
/// </remarks>
internal sealed partial class CallRunner(
    ClaimScripts claims, CompletionScript completion, GatewayAccounts accounts, IEnumerable<ITaskCheck> checks, ResultBatcher results,
    ManualTriggerStore triggers, AdaptiveIntervals intervals, FreshnessRequests freshness,
    PollingInstruments instruments, Tally tally, CheckReport report, IOptions<ExecutorOptions> options, TimeProvider time, ILogger<CallRunner> logger)
{
    private readonly Dictionary<TaskType, ITaskCheck> _checks = checks.ToDictionary(check => check.Type);

    // The code of an answer that PostgreSQL refused.
    private const string Refused = "bad_value";

    // The reason in the metric of refusals: no account's, but ours.
    private const string LateGrant = "LateGrant";

    // How long the account rests when a call had to be returned for a reason of ours.
    private static readonly TimeSpan ShortPause = TimeSpan.FromMilliseconds(100);

    /// <summary>Runs a call to its end; never throws.</summary>
    /// <param name="lease">The call and its hold on its cards.</param>
    /// <param name="place">Its room at the gateway, which is left once the gateway has answered.</param>
    /// <param name="stopping">When cancelled, a call that is under way is given up and returned.</param>
    public async Task RunAsync(CallLease lease, CallPlace place, CancellationToken stopping)
    {
        var call = lease.Call;
        using var span = StartSpan(call);
        try
        {
            await RunStepsAsync(lease, place, stopping);
        }
        catch (QuotaRefusedException e)
        {
            instruments.Refused(call.Type, e.Decision.Refusal.ToString());
            tally.Refused(call.Type, call.AccountId);
            span?.SetTag("polling.refusal", e.Decision.Refusal.ToString());
            await ReturnAsync(call, e.Decision.RetryAfter, e.Decision.Refusal);
        }
        catch (Exception e) when (e is LeaseTooShortException or OperationCanceledException)
        {
            await ReturnAsync(call, ShortPause, QuotaRefusal.None);
        }
#pragma warning disable CA1031 // The lease brings the cards back whatever happened; the executor must go on.
        catch (Exception e)
#pragma warning restore CA1031
        {
            span?.SetStatus(ActivityStatusCode.Error, e.Message);
            LogGivenUp(logger, call.Id, call.Cards.Count, e);
        }
    }

    private async Task RunStepsAsync(CallLease lease, CallPlace place, CancellationToken stopping)
    {
        var call = lease.Call;
        var facts = await claims.ReadFactsAsync(call.Type, call.Cards);
        var asked = new List<AskedCard>(call.Cards.Count);
        var completed = new List<CompletedCard>(call.Cards.Count);
        for (var i = 0; i < facts.Cards.Count; i++)
        {
            if (facts.Cards[i] is { Facts: { } card, IntervalMs: > 0 } && card.AccountId == call.AccountId)
            {
                asked.Add(new AskedCard(card, call.Cards[i].DueMs));
            }
            else
            {
                completed.Add(new CompletedCard(call.Cards[i].CardId, CardOutcome.NotAsked, null, TimeSpan.Zero));
            }
        }

        var duration = TimeSpan.Zero;
        CompletedCard[] answered = [];
        IReadOnlyList<CardResult> rows = [];
        if (asked.Count > 0)
        {
            (rows, duration) = await AskInTimeAsync(new OutgoingCall(lease, options.Value.TotalTimeout), asked, stopping);
            place.Answered();
            // Given up although the carrier has answered, the cards are handed back: a result that gets through after all has the older token.
            var committed = await results.CommitAsync(rows, lease).WaitAsync(stopping);
            var cards = asked.ToDictionary(card => card.Facts.CardId, card => card.Facts);
            answered = [.. rows.Select(row => ToCompleted(row, cards[row.CardId], committed))];
            await freshness.AskAsync(rows, committed);
            completed.AddRange(answered);
        }

        if (call.IsManual)
        {
            await triggers.SettleAsync(Outcomes(call, completed, rows), CancellationToken.None);
        }

        var status = await completion.CompleteAsync(call, completed, duration, facts);
        if (status != CompletionStatus.Completed)
        {
            LogNotCompleted(logger, call.Id, call.Cards.Count, status);
        }
        else if (asked.Count > 0)
        {
            string[] failures = [.. answered.Zip(rows).Where(pair => !pair.First.Outcome.IsChecked()).Select(pair => pair.Second.ErrorCode ?? Refused)];
            tally.Completed(call.Type, call.AccountId, duration, answered.Length - failures.Length, failures);
            report.Completed(call.Type, answered.Length - failures.Length, failures.Length, duration);
        }
    }

    // A grant that comes too late is a sign of a Redis that is behind: handed back, the call would have to be promoted, claimed and read once more, and Redis
    // would fall further behind. So it is asked for again from here, as long as the lease lasts.
    private async Task<(IReadOnlyList<CardResult> Rows, TimeSpan Took)> AskInTimeAsync(
        OutgoingCall outgoing, List<AskedCard> asked, CancellationToken stopping)
    {
        while (true)
        {
            try
            {
                return await AskAsync(outgoing, asked, stopping);
            }
            catch (GrantTooOldException)
            {
                instruments.Refused(outgoing.Claimed.Type, LateGrant);
                await Task.Delay(ShortPause, time, stopping);
            }
        }
    }

    // The permit ends with the gateway call; the lease goes on until the results are durable.
    private async Task<(IReadOnlyList<CardResult> Rows, TimeSpan Took)> AskAsync(
        OutgoingCall outgoing, List<AskedCard> asked, CancellationToken stopping)
    {
        var call = outgoing.Claimed;
        var account = accounts.Find(call.AccountId)
            ?? throw new QuotaRefusedException(call.AccountId, new QuotaDecision(QuotaRefusal.Unknown, TimeSpan.FromSeconds(1)));
        var started = time.GetTimestamp();
        var sentMs = outgoing.Now(time).ToUnixTimeMilliseconds();
        var rows = await _checks[call.Type].AskAsync(outgoing, account, asked, stopping);
        var took = time.GetElapsedTime(started);
        var late = asked.ConvertAll(card => (
            Cause: call.CauseOf(new DueCard(card.Facts.CardId, card.DueMs), sentMs), Lateness: TimeSpan.FromMilliseconds(Math.Max(0, sentMs - card.DueMs))));
        late.ForEach(card => instruments.Late(call.Type, card.Lateness, card.Cause));
        tally.Late(call.Type, call.AccountId, late);

        var success = rows.Count(r => r.Outcome == PollOutcome.Success);
        instruments.CallEnded(call.Type, took, success, rows.Count - success);
        await claims.ReleaseAsync(call);
        return (rows, took);
    }

    // What the triggers that asked for cards of the call are told; when a lease is lost after that, the cards are asked again and the triggers are not.
    private static ManualOutcome[] Outcomes(ClaimedCall call, List<CompletedCard> completed, IReadOnlyList<CardResult> rows)
    {
        var outcomes = completed.ToDictionary(card => card.CardId, card => card.Outcome);
        var codes = rows.ToDictionary(row => row.CardId, row => row.ErrorCode);
        return
        [
            .. call.Cards.Zip(call.Triggers)
                .Where(card => long.TryParse(card.Second, CultureInfo.InvariantCulture, out _))
                .Select(card => Outcome(long.Parse(card.Second!, CultureInfo.InvariantCulture), card.First.CardId)),
        ];

        ManualOutcome Outcome(long trigger, long card) => outcomes[card] switch
        {
            CardOutcome.Checked or CardOutcome.CheckedDue => new ManualOutcome(trigger, card, ManualItemState.Done, null),
            CardOutcome.NotAsked => new ManualOutcome(trigger, card, ManualItemState.Skipped, SkipReason.NotPolled),
            _ => new ManualOutcome(trigger, card, ManualItemState.Failed, codes[card] ?? Refused),
        };
    }

    // An answer that PostgreSQL refuses for what it says is as good as none.
    private CompletedCard ToCompleted(CardResult row, CardFacts asked, CommittedResults committed)
    {
        var facts = committed.ChangedRow(row.Type, row.CardId) is { } changed
            ? new CardFacts(changed.Id, changed.AccountId, changed.Status, changed.RealName, changed.PackageId, changed.Version, changed.Iccid)
            : null;
        var outcome = row.Outcome switch
        {
            PollOutcome.Success when !committed.IsPoisoned(row.Type, row.CardId) => CardOutcome.Checked,
            PollOutcome.CallFailed => CardOutcome.Failed,
            _ => CardOutcome.CardFailed,
        };
        if (outcome == CardOutcome.Checked)
        {
            return facts is null && intervals.DueIn(row.Type, asked, committed.Standing(row.CardId)?.OverAt, row.CheckedAt) is { } dueIn
                ? new CompletedCard(row.CardId, CardOutcome.CheckedDue, null, dueIn)
                : new CompletedCard(row.CardId, outcome, facts, TimeSpan.Zero);
        }

        return new CompletedCard(row.CardId, outcome, facts, TimeSpan.FromSeconds(options.Value.RetryAfterSeconds));
    }

    private async Task ReturnAsync(ClaimedCall call, TimeSpan pause, QuotaRefusal refusal)
    {
        try
        {
            await claims.ReturnAsync(call, pause, refusal);
        }
        catch (Exception e) when (e is RedisException or TimeoutException)
        {
            LogNotReturned(logger, call.Id, e.Message);
        }
    }

    private static Activity? StartSpan(ClaimedCall call)
    {
        // Without a traceparent the call was not sampled; no parent and no span then.
        Activity.Current = null;
        if (!ActivityContext.TryParse(call.TraceParent, null, isRemote: true, out var parent))
        {
            return null;
        }

        var span = PollingTelemetry.Source.StartActivity($"poll {call.Type.Name()}", ActivityKind.Consumer, parent);
        span?.SetTag("polling.call", call.Id);
        span?.SetTag("polling.account_id", call.AccountId);
        span?.SetTag("polling.cards", call.Cards.Count);
        span?.SetTag("polling.attempts", call.Attempts);
        return span;
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "Call {CallId} with {Cards} cards was given up; they come back when its lease ends")]
    private static partial void LogGivenUp(ILogger logger, string callId, int cards, Exception exception);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Call {CallId} with {Cards} cards could not be completed: {Status}")]
    private static partial void LogNotCompleted(ILogger logger, string callId, int cards, CompletionStatus status);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Call {CallId} could not be returned; its cards come back when its lease ends: {Reason}")]
    private static partial void LogNotReturned(ILogger logger, string callId, string reason);
}
