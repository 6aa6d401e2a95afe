using System.Globalization;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using Polling.MockGateway.Calls;
using Polling.MockGateway.Cards;
using Polling.MockGateway.Control;
using Polling.MockGateway.Package;
using Polling.MockGateway.Usage;

namespace Polling.MockGateway.Dialects.Jasper;

/// <summary>
/// <c>/rws/api/v1/devices/{iccid}</c>, in the manner of China Unicom's Jasper: Basic authentication, one card a call, bytes, cycles from the 27th, errors as HTTP
/// statuses.
/// </summary>
internal sealed class JasperDialect(CardRegistry registry, CardStates states, UsageProfiles usage, CardPackages packages, BehaviourStore behaviour) : IMockDialect
{
    private const string Methods = "/rws/api/v1/";
    private const string DeviceRoute = Methods + "devices/{iccid}";
    private const int CycleDay = 27;
    private const string Unauthorized = "10000001";
    private const string UnknownDevice = "20000002";
    private const string Activated = "ACTIVATED";
    private const string Deactivated = "DEACTIVATED";

    public string Root => Methods;

    public string CodeField => "errorCode";

    public void Map(IEndpointRouteBuilder app, CallHandler calls)
    {
        // A device answers for real name, package and state alike: what it was asked for only the caller knows.
        app.MapGet(DeviceRoute, context => AskAsync(context, TaskNames.State, Device));
        app.MapGet(DeviceRoute + "/ctdUsages", context => AskAsync(context, TaskNames.CardData, CurrentUsage));
        app.MapGet(DeviceRoute + "/usageInZone", context => AskAsync(context, TaskNames.PreviousCycle, PastUsage));
        app.MapPut(DeviceRoute, context => calls.HandleAsync(
            context, this, CredentialsOf(context).User, TaskNames.Suspend, cancellation => ReadChangeAsync(context, cancellation)));

        Task AskAsync(HttpContext context, string task, Func<HttpContext, CardId, Reply> answer) => calls.HandleAsync(
            context, this, CredentialsOf(context).User, task, _ => ValueTask.FromResult(Read(context, card => answer(context, card))));
    }

    public Reply Error(string code, string message) => new(code, RequestBody.Write(new JsonObject { ["errorCode"] = code, ["errorMessage"] = message }), [])
    {
        HttpStatus = code switch
        {
            CarrierStatus.OverQuota => StatusCodes.Status429TooManyRequests,
            Unauthorized => StatusCodes.Status401Unauthorized,
            UnknownDevice => StatusCodes.Status404NotFound,
            _ => StatusCodes.Status400BadRequest,
        },
    };

    private static (string User, string Password) CredentialsOf(HttpContext context)
    {
        if (AuthenticationHeaderValue.TryParse(context.Request.Headers.Authorization, out var header) && header is { Scheme: "Basic", Parameter: { } encoded })
        {
            var bytes = new byte[encoded.Length];
            if (Convert.TryFromBase64String(encoded, bytes, out var length) && Encoding.UTF8.GetString(bytes, 0, length).Split(':', 2) is [var user, var password])
            {
                return (user, password);
            }
        }

        return ("unknown", "");
    }

    private Asked Read(HttpContext context, Func<CardId, Reply> answer, bool isChange = false)
    {
        var (user, password) = CredentialsOf(context);
        var asked = CardId.TryParse((string)context.Request.RouteValues["iccid"]!, out var card)
            ? new Asked([card], () => registry.RefusalOf(card, user) is { } refusal ? Refuse(card, refusal.Code, refusal.Message) : answer(card))
            {
                IsChange = isChange,
            }
            : Asked.Wrong(Error(UnknownDevice, "unknown device"));
        return asked with
        {
            Denial = password == behaviour.Current.Access.SecretOf(user) ? null : Error(Unauthorized, CarrierStatus.MessageOf(CarrierStatus.Credentials)),
        };
    }

    private Reply Device(HttpContext context, CardId card)
    {
        var (code, allowanceBytes) = packages.Of(card);
        var (state, stoppedBy) = states.Of(card);
        var isNamed = registry.IsRealNamed(card);
        return Ok(
            new(card, isNamed ? CardOutcome.RealNamed : CardOutcome.NotRealNamed),
            new()
            {
                ["status"] = state switch { CardState.Active => Activated, CardState.Stopped => Deactivated, _ => "INVENTORY" },
                ["stopReason"] = stoppedBy?.ToUpperInvariant(),
                ["ratePlan"] = code,
                ["ratePlanAllowance"] = allowanceBytes,
                ["realNameStatus"] = isNamed,
            });
    }

    private Reply CurrentUsage(HttpContext context, CardId card)
    {
        var figure = usage.Read(card, CycleDay);
        return Ok(
            new(card, CardOutcome.Usage, figure.Bytes) { Cycle = figure.Cycle },
            new()
            {
                ["ctdDataUsage"] = figure.Bytes,
                ["cycleStartDate"] = figure.Cycle.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture),
                ["asOf"] = figure.AsOf.ToString("yyyy-MM-dd'T'HH:mm:sszzz", CultureInfo.InvariantCulture),
            });
    }

    private Reply PastUsage(HttpContext context, CardId card)
    {
        var text = context.Request.Query["cycleStartDate"].ToString();
        return DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var cycle)
            && usage.PastCycle(card, cycle, CycleDay) is { } bytes
            ? Ok(new(card, CardOutcome.Usage, bytes), new() { ["dataUsage"] = bytes })
            : Error(CarrierStatus.Parameters, $"cycleStartDate is '{text}'; it must be a 27th as yyyy-MM-dd");
    }

    private async ValueTask<Asked> ReadChangeAsync(HttpContext context, CancellationToken cancellation)
    {
        var status = RequestBody.Parse(await RequestBody.ReadAsync(context.Request, cancellation)).Text("status");
        return status is not (Activated or Deactivated)
            ? Asked.Wrong(Error(CarrierStatus.Parameters, $"status is '{status}'; it must be {Activated} or {Deactivated}"))
            : Read(context, card => Change(context, card, status == Deactivated), isChange: true) with
            {
                Task = status == Deactivated ? TaskNames.Suspend : TaskNames.Resume,
            };
    }

    private Reply Change(HttpContext context, CardId card, bool isStop)
    {
        var code = states.Change(card, new(CredentialsOf(context).User, Callers.Of(context), Callers.KeyOf(context), isStop));
        return code == CarrierStatus.Ok ? Ok(new(card, CardOutcome.Told), new()) : Refuse(card, code, CarrierStatus.MessageOf(code));
    }

    private Reply Refuse(CardId card, string code, string message) => Error(code, message) with { Answers = [CardAnswer.Refused(card, code)] };

    private static Reply Ok(CardAnswer answer, JsonObject fields)
    {
        fields.Insert(0, "iccid", answer.Card.ToString());
        return new(CarrierStatus.Ok, RequestBody.Write(fields), [answer]);
    }
}
