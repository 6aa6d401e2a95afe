using Microsoft.Extensions.Options;
using Polling.Core.Cards;
using Polling.Core.Persistence.Suspensions;
using Polling.Core.Queue.Quotas;
using Polling.Core.Suspensions;
using Polling.Executor.Dialects;
using Polling.Executor.Gateway;

namespace Polling.Executor.Suspensions;

/// <summary>
/// The life of one suspension or resume in this process: is the reason still there, by a fresh reading; through the gate; to the carrier; is it so
/// there; written down.
/// </summary>
/// <remarks>
/// A crash at any point leaves the row and its lease; the next holder goes on from its state. A row in state sent is one whose call may have
/// been carried out: the card is looked at first. The carrier is asked under the row's id each time, so it does it once.
/// </remarks>
internal sealed partial class SuspensionRunner(
    SuspensionOutbox outbox, SuspensionGate gate, SuspensionReasons reasons, GatewayAccounts accounts, DialectRegistry dialects, ICardPlacement placement,
    IOptions<SuspensionOptions> options, IOptions<ExecutorOptions> executor, TimeProvider time, ILogger<SuspensionRunner> logger)
{
    private const string NoAnswer = "no_answer";
    private const string NotSeen = "not_seen";

    // No account, no card, …: nothing changes by itself within moments.
    private static readonly TimeSpan LongPause = TimeSpan.FromMinutes(1);

    private TimeSpan Retry => TimeSpan.FromSeconds(options.Value.RetryAfterSeconds);

    /// <summary>Works on it as far as it goes now; never throws.</summary>
    /// <param name="work">What was taken.</param>
    /// <param name="heldUntil">End of the hold, by this process' clock.</param>
    /// <param name="stopping">Gives a call that is under way up.</param>
    public async Task RunAsync(SuspensionWork work, DateTimeOffset heldUntil, CancellationToken stopping)
    {
        // A failure before anything was sent leaves the state as it was found.
        var job = new Job(work);
        try
        {
            await StepsAsync(job, heldUntil, stopping);
        }
        catch (QuotaRefusedException e)
        {
            // Nothing was sent by the call that was refused.
            await PutOffAsync(job, e.Decision.RetryAfter, null);
        }
        catch (GatewayException e)
        {
            LogCallFailed(logger, work.Id, work.CardId, e.Code, e.Message);
            await PutOffAsync(job, Retry, e.Code);
        }
        catch (Exception e) when (e is LeaseTooShortException or GrantTooOldException or OperationCanceledException)
        {
            await PutOffAsync(job, TimeSpan.Zero, null);
        }
#pragma warning disable CA1031 // The lease ends and another takes it up; the executor must go on.
        catch (Exception e)
#pragma warning restore CA1031
        {
            LogGivenUp(logger, work.Id, work.CardId, e);
        }
    }

    private async Task StepsAsync(Job job, DateTimeOffset heldUntil, CancellationToken stopping)
    {
        var work = job.Work;
        if (await outbox.FindCardAsync(work.CardId, stopping) is not { } card)
        {
            await EndAsync(job, SuspensionState.Void, "the card is gone", null);
            return;
        }

        if (accounts.Find(card.Card.AccountId) is not { } account)
        {
            await PutOffAsync(job, LongPause, "no_account");
            return;
        }

        var carrier = new AskedCarrier(
            dialects.Of(account), account, card.Card, new HeldCall($"suspension-{work.Id}", card.Card.AccountId, CallPriority.Suspension, heldUntil, executor.Value.TotalTimeout), stopping);
        carrier.Call.GivenUp = stopping;
        switch (work.State)
        {
            case SuspensionState.Confirming:
                await FollowAsync(job, carrier, work.JobId);
                break;
            case SuspensionState.Sent when await IsSoAsync(job, carrier) is { } isSo:
                // It was carried out though no answer came; or not, then it is sent again, under the same key, if the reason is still there.
                await (isSo ? ConfirmAsync(job, carrier) : SendAsync(job, carrier, card));
                break;
            case SuspensionState.Sent:
                break;
            default:
                await SendAsync(job, carrier, card);
                break;
        }
    }

    private async Task SendAsync(Job job, AskedCarrier carrier, SuspensionCard card)
    {
        var work = job.Work;
        if (work.Attempts >= options.Value.AttemptsMax)
        {
            LogFailed(logger, work.Id, work.CardId, work.Attempts);
            await EndAsync(job, SuspensionState.Failed, $"given up after {work.Attempts} calls", null);
            return;
        }

        var now = time.GetUtcNow();
        switch (await reasons.JudgeAsync(work, card, carrier, now))
        {
            case { IsGone: true, Why: var why }:
                await EndAsync(job, SuspensionState.Void, why, null);
                return;
            case { IsUnknown: true, Why: var why }:
                await PutOffAsync(job, Retry, why);
                return;
        }

        // Who was stopped by somebody else must not be taken for stopped by us, and what the carrier has stopped is not ours to resume.
        if (work.Attempts == 0 && !await IsOursToDoAsync(job, carrier))
        {
            return;
        }

        switch (await gate.PassAsync(work, now, carrier.Stopping))
        {
            case GateDecision.Held or GateDecision.Lost:
                return;
            case GateDecision.Off:
                await EndAsync(job, SuspensionState.Void, "the account's suspension_mode is off", null);
                return;
            case GateDecision.DryRun:
                await EndAsync(job, SuspensionState.DryRun, "the account is in dry run", null);
                return;
        }

        // From here on it may have been carried out, whatever is heard of it.
        job.State = SuspensionState.Sent;
        var answer = await carrier.Dialect.ChangeStopAsync(
            carrier.Call, carrier.Account, carrier.Card, work.IsStop, $"{work.Id}", carrier.Stopping);
        await FollowAsync(job, carrier, answer);
    }

    private async Task<bool> IsOursToDoAsync(Job job, AskedCarrier carrier)
    {
        if (await LookAsync(job, carrier) is not { } stop)
        {
            return false;
        }

        if ((stop.State == CarrierCardState.Stopped) == job.Work.IsStop)
        {
            await RespectAsync(job, carrier, job.Work.IsStop);
            return false;
        }

        if (!job.Work.IsStop && !stop.MayWeResume)
        {
            await RespectAsync(job, carrier, isStopped: true);
            return false;
        }

        return true;
    }

    private async Task FollowAsync(Job job, AskedCarrier carrier, string? jobId)
    {
        job.State = SuspensionState.Confirming;
        job.JobId = jobId;
        if (jobId is null)
        {
            await FollowAsync(job, carrier, new ChangeReading(ChangeState.Done));
            return;
        }

        await FollowAsync(job, carrier, await carrier.Dialect.ReadJobAsync(carrier.Call, carrier.Account, carrier.Card, jobId, carrier.Stopping));
    }

    private async Task FollowAsync(Job job, AskedCarrier carrier, ChangeReading answer)
    {
        switch (answer.State)
        {
            case ChangeState.Done:
                // The carrier's word is not the card's state: that is looked at.
                job.State = SuspensionState.Confirming;
                job.JobId = null;
                await outbox.AcceptedAsync(job.Work, null);
                if (await IsSoAsync(job, carrier) is not { } isSo)
                {
                    return;
                }

                await (isSo ? ConfirmAsync(job, carrier) : PutOffAsync(job, Retry, NotSeen, SuspensionState.Sent));
                return;
            case ChangeState.Accepted:
                job.State = SuspensionState.Confirming;
                job.JobId = answer.JobId ?? job.JobId;
                await PutOffAsync(job, TimeSpan.FromSeconds(options.Value.JobPollSeconds), null);
                return;
            case ChangeState.WrongState:
                await LookAfterRefusalAsync(job, carrier, answer.Code);
                return;
            case ChangeState.Failed:
                job.JobId = null;
                await PutOffAsync(job, Retry, answer.Code, SuspensionState.Sent);
                return;
            default:
                LogRefused(logger, job.Work.Id, job.Work.CardId, answer.Code ?? "");
                await EndAsync(job, SuspensionState.Failed, "the carrier refuses it", answer.Code);
                return;
        }
    }

    // Somebody was first, or the carrier bars a repetition for some minutes.
    private async Task LookAfterRefusalAsync(Job job, AskedCarrier carrier, string? code)
    {
        if (await IsSoAsync(job, carrier) is { } isSo)
        {
            await (!isSo ? PutOffAsync(job, LongPause, code, SuspensionState.Sent)
                : job.Work.Attempts > 0 ? ConfirmAsync(job, carrier)
                : RespectAsync(job, carrier, job.Work.IsStop));
        }
    }

    /// <summary>Whether the card is at the carrier as it is to be; null: that cannot be told, and the work is put off or ended.</summary>
    private async Task<bool?> IsSoAsync(Job job, AskedCarrier carrier) =>
        await LookAsync(job, carrier) is { } stop ? (stop.State == CarrierCardState.Stopped) == job.Work.IsStop : null;

    private async Task<StopReading?> LookAsync(Job job, AskedCarrier carrier)
    {
        var stop = await carrier.Dialect.ReadStopAsync(carrier.Call, carrier.Account, carrier.Card, carrier.Stopping);
        if (stop.Value is not { } reading)
        {
            await PutOffAsync(job, Retry, stop.Error ?? NoAnswer);
            return null;
        }

        if (reading.State == CarrierCardState.Other)
        {
            await EndAsync(job, SuspensionState.Void, $"the card is neither active nor stopped at the carrier ({reading.Reason})", null);
            return null;
        }

        return reading;
    }

    private async Task ConfirmAsync(Job job, AskedCarrier carrier)
    {
        if (await outbox.ConfirmAsync(job.Work, time.GetUtcNow()))
        {
            await PlaceAsync(carrier);
            LogDone(logger, job.Work.IsStop ? "自动停机完成" : "自动复机完成", job.Work.Id, job.Work.CardId, job.Work.AccountId, job.Work.Rule);
        }
    }

    private async Task RespectAsync(Job job, AskedCarrier carrier, bool isStopped)
    {
        await outbox.RespectAsync(job.Work.CardId, isStopped, time.GetUtcNow());
        await PlaceAsync(carrier);
        await EndAsync(job, SuspensionState.Void, isStopped ? "the carrier, or somebody there, has stopped it" : "somebody else has resumed it", null);
    }

    // Configurations may depend on a card's status. What fails here the audit mends.
    private async Task PlaceAsync(AskedCarrier carrier)
    {
        try
        {
            await placement.PlaceAsync([carrier.Card.CardId], CancellationToken.None);
        }
#pragma warning disable CA1031 // See above.
        catch (Exception e)
#pragma warning restore CA1031
        {
            LogNotPlaced(logger, carrier.Card.CardId, e.Message);
        }
    }

    private Task PutOffAsync(Job job, TimeSpan pause, string? code, SuspensionState? state = null) =>
        outbox.PutOffAsync(job.Work, state ?? job.State, time.GetUtcNow() + pause, code, job.JobId);

    private Task EndAsync(Job job, SuspensionState state, string reason, string? code) =>
        outbox.EndAsync(job.Work, state, reason, code, time.GetUtcNow());

    [LoggerMessage(Level = LogLevel.Information, Message = "{Keyword:l}: suspension {Id} of card {CardId}, account {AccountId}, rule {Rule}")]
    private static partial void LogDone(ILogger logger, string keyword, long id, long cardId, int accountId, SuspensionRule rule);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Suspension {Id} of card {CardId}: a call failed and is made again: {Code}, {Reason}")]
    private static partial void LogCallFailed(ILogger logger, long id, long cardId, string code, string reason);

    [LoggerMessage(Level = LogLevel.Error, Message = "Suspension {Id} of card {CardId} is refused by the carrier for good: {Code}")]
    private static partial void LogRefused(ILogger logger, long id, long cardId, string code);

    [LoggerMessage(Level = LogLevel.Error, Message = "Suspension {Id} of card {CardId} is given up after {Attempts} calls")]
    private static partial void LogFailed(ILogger logger, long id, long cardId, int attempts);

    [LoggerMessage(Level = LogLevel.Error, Message = "Suspension {Id} of card {CardId} broke; it is taken up again when its lease is over")]
    private static partial void LogGivenUp(ILogger logger, long id, long cardId, Exception exception);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Card {CardId} could not be placed anew; the audit does it: {Reason}")]
    private static partial void LogNotPlaced(ILogger logger, long cardId, string reason);

    // How far it is now: what is written down when it is put off.
    private sealed class Job(SuspensionWork work)
    {
        public SuspensionWork Work { get; } = work;

        public SuspensionState State { get; set; } = work.State;

        public string? JobId { get; set; } = work.JobId;
    }
}

/// <summary>Whom a suspension asks about what.</summary>
internal sealed record AskedCarrier(
    IDialect Dialect, GatewayAccount Account, Core.Queue.Facts.CardFacts Card, HeldCall Call, CancellationToken Stopping);
