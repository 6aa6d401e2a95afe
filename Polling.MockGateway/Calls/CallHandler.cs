using Microsoft.Extensions.Options;
using Polling.MockGateway.Control;
using Polling.MockGateway.Faults;
using Polling.MockGateway.Latency;
using Polling.MockGateway.Ledger;
using Polling.MockGateway.PassThrough;
using Polling.MockGateway.Quotas;
using Polling.MockGateway.Startup;
using Polling.MockGateway.Truth;

namespace Polling.MockGateway.Calls;

/// <summary>
/// One call of any dialect, from its arrival (when the quota is counted) over fault and latency to the answer and the ledger. A call whose
/// caller has gone is recorded too: the carrier has been asked, and has counted it. An answer is made here, or by an upstream; all else is the same.
/// </summary>
internal sealed class CallHandler(
    BehaviourStore behaviour,
    CarrierAccounts accounts,
    CallLedger ledger,
    ToldFigures told,
    UpstreamCalls upstreams,
    Microseconds clock,
    TimeProvider time,
    IOptions<MockGatewayOptions> options)
{
    private const string Gone = "gone";
    private readonly long _seed = options.Value.Seed;

    /// <param name="context">The request.</param>
    /// <param name="dialect">Its dialect.</param>
    /// <param name="code">The account that it says it is of.</param>
    /// <param name="task">What it asks for, for the ledger.</param>
    /// <param name="readAsync">Reads it.</param>
    public async Task HandleAsync(
        HttpContext context, IMockDialect dialect, string code, string task, Func<CancellationToken, ValueTask<Asked>> readAsync)
    {
        if (accounts.Find(code) is not { } account)
        {
            await SendAsync(context, dialect.Error(CarrierStatus.Parameters, $"account code '{code}': it must be {CarrierAccounts.CodeRule}"));
            return;
        }

        var now = behaviour.Current;
        var arrival = account.Arrive(clock, now.Quotas.Enforce ? now.Quotas.For(code) : null);
        var call = new LedgerCall(account.Code, task, arrival.AtUs, context.Request.Headers);
        var asked = new Asked([], () => dialect.Error(CarrierStatus.Other, ""));
        Reply reply;
        try
        {
            var target = WarmUp.Sent(context.Request) ? null : now.PassThrough.TargetOf(account.Code, dialect.Root, context.Request.Path);
            asked = target is null
                ? await readAsync(context.RequestAborted)
                : await upstreams.ReadAsync(context, target, now.PassThrough, dialect, call, readAsync);
            call = call with { Task = asked.Task ?? task };
            reply = !arrival.Admitted
                    ? dialect.Error(CarrierStatus.OverQuota, $"more than {now.Quotas.For(code)} calls in one second")
                    : asked.Denial ?? asked.Problem ?? await AnswerAsync(context, now, dialect, account, arrival.Number, asked);

            // Recorded before it is sent, so that whoever has the answer finds it in the ledger.
            context.RequestAborted.ThrowIfCancellationRequested();
        }
        catch (Exception exception) when (exception is OperationCanceledException or IOException)
        {
            ledger.Append(call.Answered(clock.Now, Gone, StatusCodes.Status499ClientClosedRequest), NoAnswers(asked));
            return;
        }

        ledger.Append(call.Answered(clock.Now, reply.Status, reply.HttpStatus), reply.Answers.Length == 0 ? NoAnswers(asked) : reply.Answers);
        told.Note(account.Code, asked.Task ?? task, reply.Answers);
        await SendAsync(context, reply);
    }

    private async Task<Reply> AnswerAsync(HttpContext context, Behaviour now, IMockDialect dialect, CarrierAccount account, long number, Asked asked)
    {
        var fault = FaultPlan.Draw(now.Faults, _seed, account, number, asked.IsChange);
        account.Count(fault);

        // Applied, and never told.
        var lost = fault == Fault.LostAnswer ? await asked.AnswerAsync() : null;
        var wait = fault is Fault.Hang or Fault.LostAnswer
            ? TimeSpan.FromSeconds(now.Faults.HangSeconds)
            : LatencyModel.Draw(now.Latency, _seed, account.Hash, number);
        if (wait > TimeSpan.Zero)
        {
            await Task.Delay(wait, time, context.RequestAborted);
        }

        return fault switch
        {
            Fault.Http500 => Spoiled.InternalError,
            Fault.OtherError => dialect.Error(CarrierStatus.Other, "other error"),
            Fault.Http429 => dialect.Error(CarrierStatus.OverQuota, "too many calls") with { HttpStatus = StatusCodes.Status429TooManyRequests },
            Fault.Truncated => Spoiled.Truncated((await asked.AnswerAsync()).Bare()),
            Fault.WrongCard => Spoiled.WrongCard((await asked.AnswerAsync()).Bare()),
            Fault.Rubbish => Spoiled.Rubbish((await asked.AnswerAsync()).Bare(), FaultPlan.KindOf(now.Faults, _seed, account, number)),
            _ => lost ?? await asked.AnswerAsync(),
        };
    }

    // Of one that may not ask the carrier looks at nothing.
    private static CardAnswer[] NoAnswers(Asked asked) =>
        asked.Denial is not null ? [] : Array.ConvertAll(asked.Cards, card => new CardAnswer(card, CardOutcome.NoAnswer));

    private static async Task SendAsync(HttpContext context, Reply reply)
    {
        var response = context.Response;
        response.StatusCode = reply.HttpStatus;
        if (reply.Headers is { } headers)
        {
            UpstreamReplies.CopyHeaders(response, headers);
        }
        else
        {
            response.ContentType = reply.ContentType;
        }

        if (reply.Headers is null && reply.HttpStatus == StatusCodes.Status429TooManyRequests)
        {
            response.Headers.RetryAfter = "1";
        }

        if (reply.Padding > 0)
        {
            await SendPaddedAsync(response, reply, context.RequestAborted);
            return;
        }

        if (reply.Body.Length == 0 && reply.HttpStatus is StatusCodes.Status204NoContent or StatusCodes.Status304NotModified)
        {
            return; // These have no body and no length.
        }

        response.ContentLength = reply.Body.Length;
        reply.Body.CopyTo(response.BodyWriter.GetSpan(reply.Body.Length));
        response.BodyWriter.Advance(reply.Body.Length); // The server flushes when the request ends.
    }

    private static async Task SendPaddedAsync(HttpResponse response, Reply reply, CancellationToken gone)
    {
        try
        {
            await response.Body.WriteAsync(reply.Body, gone);
            var blanks = new byte[64 * 1024];
            Array.Fill(blanks, (byte)' ');
            for (var left = reply.Padding; left > 0; left -= blanks.Length)
            {
                await response.Body.WriteAsync(blanks, gone);
            }
        }
        catch (Exception e) when (e is OperationCanceledException or IOException)
        {
            // Whoever asked has had enough of it.
        }
    }
}
