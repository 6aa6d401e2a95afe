using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Polling.MockGateway.Calls;
using Polling.MockGateway.Cards;
using Polling.MockGateway.Control;
using Polling.MockGateway.Package;
using Polling.MockGateway.Usage;

namespace Polling.MockGateway.Dialects.Telecom;

/// <summary><c>POST /5gcmp/openapi/v1/{method}</c>, in the manner of China Telecom's 5GCMP: signed, one card a call, MB as text as of a time.</summary>
internal sealed class TelecomDialect(
    CardRegistry registry, CardStates states, UsageProfiles usage, CardPackages packages, BehaviourStore behaviour, Microseconds clock) : IMockDialect
{
    private const long SkewMsMax = 300_000;

    public string Root => "/5gcmp/openapi/v1/";

    public string CodeField => "resultCode";

    public void Map(IEndpointRouteBuilder app, CallHandler calls)
    {
        Map("queryRealName", TaskNames.RealName, RealName);
        Map("queryTraffic", TaskNames.CardData, Traffic);
        Map("queryPackage", TaskNames.Package, Package);
        Map("queryStatus", TaskNames.State, Status);
        Map("stopCard", TaskNames.Suspend, (call, card) => Change(call, card, isStop: true));
        Map("resumeCard", TaskNames.Resume, (call, card) => Change(call, card, isStop: false));

        void Map(string method, string task, Func<Call, CardId, Reply> answer) => app.MapPost(Root + method, context =>
        {
            var account = context.Request.Headers["X-App-Key"].ToString();
            return calls.HandleAsync(context, this, account, task, cancellation => ReadAsync(context, account, task, answer, cancellation));
        });
    }

    // Over quota 5GCMP says so in the body alone.
    public Reply Error(string code, string message) => new(code, Body(code, message, null), []);

    private async ValueTask<Asked> ReadAsync(
        HttpContext context, string account, string task, Func<Call, CardId, Reply> answer, CancellationToken cancellation)
    {
        var body = await RequestBody.ReadAsync(context.Request, cancellation);
        return Read(context, account, task, answer, body) with
        {
            Denial = IsSigned(context, account, body) ? null : Error(CarrierStatus.Credentials, CarrierStatus.MessageOf(CarrierStatus.Credentials)),
        };
    }

    private Asked Read(HttpContext context, string account, string task, Func<Call, CardId, Reply> answer, byte[] body)
    {
        var json = RequestBody.Parse(body);
        if (!CardId.TryParse(json.Text("iccid") ?? "", out var card))
        {
            return Asked.Wrong(Error(CarrierStatus.Parameters, "iccid must be an iccid"));
        }

        return new Asked([card], () => registry.RefusalOf(card, account) is { } refusal ? Refuse(card, refusal.Code, refusal.Message) : answer(new(context, account, json), card))
        {
            Task = task == TaskNames.CardData && json.Text("month") is not null ? TaskNames.PreviousCycle : null,
            IsChange = task is TaskNames.Suspend or TaskNames.Resume,
        };
    }

    private bool IsSigned(HttpContext context, string account, byte[] body)
    {
        var timestamp = context.Request.Headers["X-Timestamp"].ToString();
        if (!long.TryParse(timestamp, NumberStyles.None, CultureInfo.InvariantCulture, out var sentMs) || Math.Abs((clock.Now / 1000) - sentMs) > SkewMsMax)
        {
            return false;
        }

        byte[] signed = [.. Encoding.UTF8.GetBytes(account + timestamp), .. body];
        var expected = Convert.ToHexStringLower(HMACSHA256.HashData(Encoding.UTF8.GetBytes(behaviour.Current.Access.SecretOf(account)), signed));
        return context.Request.Headers["X-Sign"] == expected;
    }

    private Reply RealName(Call call, CardId card)
    {
        var isNamed = registry.IsRealNamed(card);
        return Ok(new(card, isNamed ? CardOutcome.RealNamed : CardOutcome.NotRealNamed), new() { ["isRealName"] = isNamed ? "1" : "0" });
    }

    private Reply Traffic(Call call, CardId card)
    {
        if (call.Body.Text("month") is { } month)
        {
            return DateOnly.TryParseExact(month + "01", "yyyyMMdd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var cycle)
                && usage.PastCycle(card, cycle) is { } bytes
                ? Ok(new(card, CardOutcome.Usage, bytes), new() { ["totalBytes"] = bytes })
                : Error(CarrierStatus.Parameters, $"month is '{month}'; it must be yyyyMM");
        }

        var figure = usage.Read(card);
        var told = Told.InMegabytes(figure.Bytes);
        return Ok(
            new(card, CardOutcome.Usage, told.Bytes) { Cycle = figure.Cycle },
            new() { ["totalFlow"] = told.Text + "MB", ["statTime"] = figure.AsOf.ToString("yyyyMMddHHmmss", CultureInfo.InvariantCulture) });
    }

    private Reply Package(Call call, CardId card)
    {
        var (code, allowanceBytes) = packages.Of(card);
        var used = Told.InMegabytes(usage.Read(card).Bytes);
        return Ok(
            new(card, CardOutcome.Usage, used.Bytes),
            new()
            {
                ["prodCode"] = code,
                ["totalFlow"] = Told.InMegabytes(allowanceBytes).Text + "MB",
                ["usedFlow"] = used.Text + "MB",
                ["expireDate"] = usage.CycleEnd().AddDays(-1).ToString("yyyyMMdd", CultureInfo.InvariantCulture),
            });
    }

    private Reply Status(Call call, CardId card)
    {
        var (state, stoppedBy) = states.Of(card);
        return Ok(
            new(card, CardOutcome.Told),
            new()
            {
                ["status"] = ((int)state + 1).ToString(CultureInfo.InvariantCulture),
                ["stopType"] = stoppedBy switch { CardStates.Customer => "1", CardStates.Carrier => "2", _ => " " },
            });
    }

    private Reply Change(Call call, CardId card, bool isStop)
    {
        var code = states.Change(card, new(call.Account, Callers.Of(call.Context), call.Body.Text("requestId"), isStop));
        return code == CarrierStatus.Ok ? Ok(new(card, CardOutcome.Told), new()) : Refuse(card, code, CarrierStatus.MessageOf(code));
    }

    private Reply Refuse(CardId card, string code, string message) => Error(code, message) with { Answers = [CardAnswer.Refused(card, code)] };

    private static Reply Ok(CardAnswer answer, JsonObject data)
    {
        data.Insert(0, "iccid", answer.Card.ToString());
        return new(CarrierStatus.Ok, Body(CarrierStatus.Ok, "成功", data), [answer]);
    }

    private static byte[] Body(string code, string message, JsonObject? data) =>
        RequestBody.Write(new JsonObject { ["resultCode"] = code, ["resultMsg"] = message, ["data"] = data });

    private sealed record Call(HttpContext Context, string Account, JsonObject? Body);
}
