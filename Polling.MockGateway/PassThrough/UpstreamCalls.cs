using System.Text.Json;
using Polling.MockGateway.Calls;
using Polling.MockGateway.Cards;
using Polling.MockGateway.Ledger;

namespace Polling.MockGateway.PassThrough;

/// <summary>Passes calls on to an upstream and holds its answers, so that they can be recorded, spoiled or kept back as the gateway's own.</summary>
internal sealed class UpstreamCalls(UpstreamClient client, PassedCalls passed, Microseconds clock, TimeProvider time)
{
    /// <summary>Bytes of a request or an answer; it is held in memory.</summary>
    public const int BodyMax = 16 * 1024 * 1024;

    /// <summary>Reads a request whose answer an upstream makes.</summary>
    /// <param name="context">The request.</param>
    /// <param name="target">Where it goes.</param>
    /// <param name="rules">The behaviour in force when it came.</param>
    /// <param name="dialect">Its dialect.</param>
    /// <param name="call">What is known of it.</param>
    /// <param name="readAsync">Tells which cards it is about. Whether it is right, and who may ask, is the upstream's business.</param>
    public async ValueTask<Asked> ReadAsync(
        HttpContext context,
        UpstreamTarget target,
        PassThroughBehaviour rules,
        IMockDialect dialect,
        LedgerCall call,
        Func<CancellationToken, ValueTask<Asked>> readAsync)
    {
        using var held = new BoundedBody(BodyMax);
        try
        {
            await context.Request.Body.CopyToAsync(held, context.RequestAborted);
        }
        catch (IOException) when (held.IsOver)
        {
            return Asked.Wrong(UpstreamReplies.Failure(StatusCodes.Status413PayloadTooLarge, "too_long", "the request is " + UpstreamReplies.TooLong));
        }

        var body = held.ToArray();
        context.Request.Body = new MemoryStream(body);
        var asked = await readAsync(context.RequestAborted);
        context.Request.Body = new MemoryStream(body);
        call = call with { Task = asked.Task ?? call.Task };
        return new Asked(asked.Cards, () => SendAsync(context, target, rules, dialect, call, asked.Cards, body)) { Task = asked.Task, IsChange = asked.IsChange };
    }

    private async ValueTask<Reply> SendAsync(
        HttpContext context, UpstreamTarget target, PassThroughBehaviour rules, IMockDialect dialect, LedgerCall call, CardId[] cards, byte[] body)
    {
        var (sentUs, started) = (clock.Now, time.GetTimestamp());
        var reply = UpstreamReplies.Failure(StatusCodes.Status499ClientClosedRequest, "gone", "the caller left");
        try
        {
            reply = await client.SendAsync(context, target, TimeSpan.FromSeconds(rules.TimeoutSeconds));
        }
        finally
        {
            passed.Record(rules, call, target, context.Request, body, reply, sentUs, time.GetElapsedTime(started));
        }

        return reply.Headers is null ? reply : Understand(reply, dialect, call, cards);
    }

    /// <summary>What the ledger says of an answer: its code, and the cards as told when it is a good one.</summary>
    private static Reply Understand(Reply reply, IMockDialect dialect, LedgerCall call, CardId[] cards)
    {
        const int CodeLengthMax = 32;
        var status = reply.HttpStatus is >= StatusCodes.Status200OK and < StatusCodes.Status300MultipleChoices ? CarrierStatus.Ok : "";
        try
        {
            using var json = JsonDocument.Parse(reply.Bare().Body);
            if (json.RootElement.ValueKind == JsonValueKind.Object)
            {
                dialect.Heard(call.Account, call.Task, json.RootElement);
                status = json.RootElement.TryGetProperty(dialect.CodeField, out var code) && code.ToString() is { Length: <= CodeLengthMax } text ? text : status;
            }
        }
        catch (JsonException)
        {
            status = "";
        }

        return reply with { Status = status, Answers = status == CarrierStatus.Ok ? Array.ConvertAll(cards, card => new CardAnswer(card, CardOutcome.Told)) : [] };
    }
}
