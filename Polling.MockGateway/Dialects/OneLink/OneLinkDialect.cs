using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Polling.MockGateway.Calls;
using Polling.MockGateway.Cards;
using Polling.MockGateway.Control;
using Polling.MockGateway.Package;
using Polling.MockGateway.Usage;

namespace Polling.MockGateway.Dialects.OneLink;

/// <summary>
/// <c>GET /onelink/v5/ec/…</c>, in the manner of China Mobile's OneLink: a token, batches of up to 100 cards, KB as text, stops and resumes as jobs, five minutes
/// between two of them.
/// </summary>
internal sealed class OneLinkDialect(
    CardRegistry registry, CardStates states, UsageProfiles usage, CardPackages packages, IssuedTokens tokens, BehaviourStore behaviour) : IMockDialect
{
    private const int CardsMax = 100;
    private static readonly Dictionary<CardState, string> States =
        new() { [CardState.Active] = "2", [CardState.Stopped] = "4", [CardState.Other] = "6" };

    public string Root => "/onelink/v5/ec/";

    public string CodeField => "status";

    public void Map(IEndpointRouteBuilder app, CallHandler calls)
    {
        app.MapGet(Root + "get/token", context => calls.HandleAsync(
            context, this, context.Request.Query["appid"].ToString(), TaskNames.Token, _ => ValueTask.FromResult(AskToken(context))));
        Map("query/sim-real-name-status/batch", TaskNames.RealName, Batch(RealName));
        Map("query/sim-data-usage/batch", TaskNames.CardData, Batch(DataUsage));
        Map("query/sim-data-margin/batch", TaskNames.Package, Batch(Margin));
        Map("query/sim-status", TaskNames.State, (context, account) => OfCard(context, account, (_, card) => Status(card)));
        Map("query/sim-batch-result", TaskNames.Job, (context, _) => AskJob(context));
        Map("operate/sim-status", null, (context, account) => OfCard(context, account, (request, card) => Operate(request, account, card), isChange: true));

        void Map(string path, string? task, Func<HttpContext, string, Asked> read) => app.MapGet(Root + path, context =>
        {
            var token = tokens.Find(context.Request.Query["token"]);

            // Whose call it is the token says, a bad one too; one of nobody's is refused at the door and counted to the name that it came with.
            var account = token?.Account ?? "unknown";
            return calls.HandleAsync(
                context, this, account, task ?? (context.Request.Query["operType"] == "0" ? TaskNames.Suspend : TaskNames.Resume),
                _ => ValueTask.FromResult(read(context, account) with { Denial = token is { IsGood: true } ? null : Error(CarrierStatus.TokenExpired) }));
        });
    }

    /// <summary>Whose an upstream's token is, its answer to the account that asked for it tells.</summary>
    public void Heard(string account, string task, JsonElement answer)
    {
        if (task == TaskNames.Token)
        {
            tokens.Learn(answer, account);
        }
    }

    // Over quota OneLink says so in the body alone.
    public Reply Error(string code, string message) => new(code, Body(code, message, []), []);

    private Reply Error(string code) => Error(code, CarrierStatus.MessageOf(code));

    private Asked AskToken(HttpContext context)
    {
        var account = context.Request.Query["appid"].ToString();
        return new Asked([], () => Ok(
            [],
            new JsonObject
            {
                ["token"] = tokens.Issue(account),
                ["ttl"] = behaviour.Current.Access.TokenSeconds.ToString(CultureInfo.InvariantCulture),
            }))
        {
            Denial = context.Request.Query["password"] == behaviour.Current.Access.SecretOf(account) ? null : Error(CarrierStatus.Credentials),
        };
    }

    private Func<HttpContext, string, Asked> Batch(Func<CardId, (JsonObject Fields, CardAnswer Answer)> answerOf) => (context, account) =>
    {
        var texts = context.Request.Query["iccids"].ToString().Split('_');
        var cards = new CardId[texts.Length];
        if (texts.Length > CardsMax || !texts.Select((text, i) => CardId.TryParse(text, out cards[i])).All(isCard => isCard))
        {
            return Asked.Wrong(Error(CarrierStatus.Parameters, $"iccids must be 1 to {CardsMax} iccids, joined by '_'"));
        }

        return new Asked(cards, () =>
        {
            var told = Array.ConvertAll(cards, card => registry.RefusalOf(card, account) is { } refusal
                ? (new JsonObject { ["status"] = refusal.Code, ["message"] = refusal.Message }, CardAnswer.Refused(card, refusal.Code))
                : answerOf(card));
            for (var i = 0; i < cards.Length; i++)
            {
                told[i].Item1.Insert(0, "iccid", texts[i]);
            }

            return Ok([.. told.Select(card => card.Item2)], [.. told.Select(card => card.Item1)]);
        });
    };

    private (JsonObject, CardAnswer) RealName(CardId card)
    {
        var isNamed = registry.IsRealNamed(card);
        return (new JsonObject { ["realNameStatus"] = isNamed ? "1" : "0" }, new(card, isNamed ? CardOutcome.RealNamed : CardOutcome.NotRealNamed));
    }

    // No usage is a blank, which is not 0.
    private (JsonObject, CardAnswer) DataUsage(CardId card)
    {
        var figure = usage.Read(card);
        var told = Told.InKilobytes(figure.Bytes);
        return told.Bytes == 0
            ? (new JsonObject { ["dataAmount"] = " " }, new(card, CardOutcome.Told))
            : (new JsonObject { ["dataAmount"] = told.Text }, new(card, CardOutcome.Usage, told.Bytes) { Cycle = figure.Cycle });
    }

    private (JsonObject, CardAnswer) Margin(CardId card)
    {
        var (code, allowanceBytes) = packages.Of(card);
        var used = Told.InKilobytes(usage.Read(card).Bytes);
        return (
            new JsonObject
            {
                ["offeringId"] = code,
                ["totalAmount"] = Told.InKilobytes(allowanceBytes).Text,
                ["useAmount"] = used.Text,
                ["expireTime"] = usage.CycleEnd().ToString("yyyyMMddHHmmss", CultureInfo.InvariantCulture),
            },
            new(card, CardOutcome.Usage, used.Bytes));
    }

    private Asked OfCard(HttpContext context, string account, Func<HttpContext, CardId, Reply> answerOf, bool isChange = false)
    {
        if (!CardId.TryParse(context.Request.Query["iccid"].ToString(), out var card))
        {
            return Asked.Wrong(Error(CarrierStatus.Parameters));
        }

        return new Asked(
            [card],
            () => registry.RefusalOf(card, account) is { } refusal
                ? Error(refusal.Code, refusal.Message) with { Answers = [CardAnswer.Refused(card, refusal.Code)] }
                : answerOf(context, card))
        {
            IsChange = isChange,
        };
    }

    private Reply Status(CardId card)
    {
        var (state, stoppedBy) = states.Of(card);
        return Ok(
            [new(card, CardOutcome.Told)],
            new JsonObject
            {
                ["iccid"] = card.ToString(),
                ["cardStatus"] = States[state],
                ["stopReason"] = stoppedBy switch { CardStates.Customer => "1", CardStates.Carrier => "2", _ => " " },
            });
    }

    private Reply Operate(HttpContext context, string account, CardId card)
    {
        var query = context.Request.Query;
        if (query["operType"] != "0" && query["operType"] != "1")
        {
            return Error(CarrierStatus.Parameters, $"operType is '{query["operType"]}'; it must be 0 (stop) or 1 (resume)");
        }

        var (code, jobId) = states.Begin(
            card, new(account, Callers.Of(context), query["transid"].ToString() is { Length: > 0 } key ? key : null, query["operType"] == "0"));
        return jobId is null
            ? Error(code) with { Answers = [CardAnswer.Refused(card, code)] }
            : Ok([new(card, CardOutcome.Told)], new JsonObject { ["jobId"] = jobId });
    }

    private Asked AskJob(HttpContext context)
    {
        if (states.FindJob(context.Request.Query["jobId"].ToString()) is not var (job, status))
        {
            return Asked.Wrong(Error(CarrierStatus.Parameters, "no such job"));
        }

        return new Asked([job.Card], () => Ok(
            [new(job.Card, CardOutcome.Told)],
            new JsonObject
            {
                ["jobStatus"] = status.ToString(CultureInfo.InvariantCulture),
                ["message"] = status == 3 ? CarrierStatus.Other : null,
                ["resultList"] = status != 2 ? new JsonArray() : new JsonArray(new JsonObject { ["iccid"] = job.Card.ToString(), ["status"] = "0", ["message"] = "正确" }),
            }));
    }

    private static Reply Ok(CardAnswer[] answers, params JsonObject[] result) =>
        new(CarrierStatus.Ok, Body(CarrierStatus.Ok, CarrierStatus.MessageOf(CarrierStatus.Ok), result), answers);

    private static byte[] Body(string status, string message, JsonObject[] result) =>
        RequestBody.Write(new JsonObject { ["status"] = status, ["message"] = message, ["result"] = new JsonArray([.. result]) });
}
