using Microsoft.Extensions.Options;
using Polling.MockGateway.Cards;
using Polling.MockGateway.Control;
using Polling.MockGateway.Faults;
using Polling.MockGateway.Latency;
using Polling.MockGateway.Ledger;
using Polling.MockGateway.Quotas;

namespace Polling.MockGateway.Calls;

/// <summary>
/// One call, from its arrival (when the quota is counted) over fault and latency to the answer and the ledger. A call whose
/// caller has gone is recorded too: the carrier has been asked, and has counted it.
/// </summary>
internal sealed class CallHandler(
    BehaviourStore behaviour,
    CarrierAccounts accounts,
    CardRegistry registry,
    CallLedger ledger,
    Microseconds clock,
    TimeProvider time,
    IOptions<MockGatewayOptions> options)
{
    private readonly long _seed = options.Value.Seed;

    public async Task HandleAsync(HttpContext context, ICarrierTask task)
    {
        var code = (string)context.Request.RouteValues["accountCode"]!;
        if (accounts.Find(code) is not { } account)
        {
            await SendAsync(context, new Reply(CarrierStatus.Parameters, $"account code '{code}': it must be {CarrierAccounts.CodeRule}"), task, []);
            return;
        }

        var now = behaviour.Current;
        var arrival = account.Arrive(clock, now.Quotas.Enforce ? now.Quotas.For(code) : null);
        var call = new LedgerCall(account.Code, task.Name, arrival.AtUs, context.Request.Headers);
        CardId[] cards = [];
        CardAnswer[] answers = [];
        var reply = Reply.Gone;
        try
        {
            (cards, var problem) = await CardsRequest.ReadAsync(context.Request.BodyReader, context.RequestAborted);
            reply = !arrival.Admitted
                ? Reply.OverQuota(now.Quotas.For(code))
                : problem is not null
                    ? new Reply(CarrierStatus.Parameters, problem)
                    : Draw(now.Faults, account, arrival.Number);
            if (arrival.Admitted && problem is null)
            {
                await WaitAsync(context, now, reply, account, arrival.Number);
            }

            if (reply.Status == CarrierStatus.Ok)
            {
                answers = Answer(task, cards, account.Code);
            }

            // Recorded before it is sent, so that whoever has the answer finds it in the ledger.
            context.RequestAborted.ThrowIfCancellationRequested();
        }
        catch (Exception exception) when (exception is OperationCanceledException or IOException)
        {
            ledger.Append(call.Answered(clock.Now, Reply.Gone.Status, Reply.Gone.HttpStatus), NoAnswers(cards));
            return;
        }

        var recorded = answers.Length == 0 || reply.Truncated ? NoAnswers(cards) : answers;
        ledger.Append(call.Answered(clock.Now, reply.Truncated ? "truncated" : reply.Status, reply.HttpStatus), recorded);
        await SendAsync(context, reply, task, answers);
    }

    private Reply Draw(FaultBehaviour faults, CarrierAccount account, long call) =>
        FaultPlan.Draw(faults, _seed, account.Hash, account.Code, call) switch
        {
            Fault.Http500 => new("", "", StatusCodes.Status500InternalServerError),
            Fault.OtherError => new(CarrierStatus.Other, "other error"),
            Fault.Http429 => Reply.Refused,
            Fault.Truncated => Reply.Ok with { Truncated = true },
            Fault.Hang => Reply.Ok with { Hangs = true },
            _ => Reply.Ok,
        };

    private async Task WaitAsync(HttpContext context, Behaviour now, Reply reply, CarrierAccount account, long call)
    {
        var wait = reply.Hangs
            ? TimeSpan.FromSeconds(now.Faults.HangSeconds)
            : LatencyModel.Draw(now.Latency, _seed, account.Hash, call);
        if (wait > TimeSpan.Zero)
        {
            await Task.Delay(wait, time, context.RequestAborted);
        }
    }

    private CardAnswer[] Answer(ICarrierTask task, CardId[] cards, string account) => Array.ConvertAll(
        cards,
        card => !card.IsIccid ? new(card, CardOutcome.NotAnIccid)
            : !registry.Belongs(card, account) ? new(card, CardOutcome.NotYourCard)
            : task.Answer(card));

    private static CardAnswer[] NoAnswers(CardId[] cards) => Array.ConvertAll(cards, card => new CardAnswer(card, CardOutcome.NoAnswer));

    private static Task SendAsync(HttpContext context, Reply reply, ICarrierTask task, CardAnswer[] answers)
    {
        var response = context.Response;
        response.StatusCode = reply.HttpStatus;
        if (reply.HttpStatus == StatusCodes.Status500InternalServerError)
        {
            response.ContentType = "text/html";
            return response.WriteAsync("<html><body>Internal Server Error</body></html>", context.RequestAborted);
        }

        if (reply.HttpStatus == StatusCodes.Status429TooManyRequests)
        {
            response.Headers.RetryAfter = "1";
        }

        var body = CallAnswer.Write(reply.Status, reply.Message, task, answers);
        if (reply.Truncated)
        {
            body = body[..(body.Length / 2)];
        }

        response.ContentType = "application/json";
        response.ContentLength = body.Length;
        body.CopyTo(response.BodyWriter.GetSpan(body.Length));
        response.BodyWriter.Advance(body.Length);
        return Task.CompletedTask; // The server flushes when the request ends.
    }

    private sealed record Reply(string Status, string Message, int HttpStatus = StatusCodes.Status200OK)
    {
        public static readonly Reply Ok = new(CarrierStatus.Ok, "ok");
        public static readonly Reply Gone = new("gone", "", StatusCodes.Status499ClientClosedRequest);
        public static readonly Reply Refused = new(CarrierStatus.OverQuota, "too many calls", StatusCodes.Status429TooManyRequests);

        public bool Truncated { get; init; }

        public bool Hangs { get; init; }

        public static Reply OverQuota(int callsPerSecond) =>
            Refused with { Message = $"more than {callsPerSecond} calls in one second" };
    }
}
