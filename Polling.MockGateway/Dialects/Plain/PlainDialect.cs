using System.Globalization;
using Polling.MockGateway.Calls;
using Polling.MockGateway.CardData;
using Polling.MockGateway.Cards;
using Polling.MockGateway.Package;
using Polling.MockGateway.RealName;
using Polling.MockGateway.Usage;

namespace Polling.MockGateway.Dialects.Plain;

/// <summary><c>POST /gateway/{accountCode}/{task}</c>: batches of cards, without authentication.</summary>
internal sealed class PlainDialect(CardRegistry registry, CardStates states, UsageProfiles usage, CardPackages packages) : IMockDialect
{
    // The account is a part of the address as much as the task is.
    public string Root => "/";

    public string CodeField => "status";

    public void Map(IEndpointRouteBuilder app, CallHandler calls)
    {
        Map(TaskNames.RealName, (_, _) => new RealNameTask(registry));
        Map(TaskNames.CardData, (_, _) => new CardDataTask(usage));
        Map(TaskNames.Package, (_, _) => new PackageTask(packages, usage));
        Map(TaskNames.PreviousCycle, (_, cycle) => DateOnly.TryParseExact(cycle, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var first)
            ? new PreviousCycleTask(usage, first)
            : null);
        Map(TaskNames.State, (_, _) => new StateTask(states));
        Map(TaskNames.Suspend, (context, _) => new ChangeTask(states, RequestOf(context, isStop: true)));
        Map(TaskNames.Resume, (context, _) => new ChangeTask(states, RequestOf(context, isStop: false)));

        void Map(string name, Func<HttpContext, string?, ICarrierTask?> task) => app.MapPost(
            "/gateway/{accountCode}/" + name,
            context => calls.HandleAsync(context, this, AccountOf(context), name, cancellation => ReadAsync(context, task, cancellation)));
    }

    public Reply Error(string code, string message) => new(code, PlainAnswer.Write(code, message), [])
    {
        HttpStatus = code == CarrierStatus.OverQuota ? StatusCodes.Status429TooManyRequests : StatusCodes.Status200OK,
    };

    private async ValueTask<Asked> ReadAsync(HttpContext context, Func<HttpContext, string?, ICarrierTask?> taskOf, CancellationToken cancellation)
    {
        var (cards, cycle, problem) = await CardsRequest.ReadAsync(context.Request.BodyReader, cancellation);
        if (problem is not null)
        {
            return Asked.Wrong(Error(CarrierStatus.Parameters, problem));
        }

        if (taskOf(context, cycle) is not { } task)
        {
            return Asked.Wrong(Error(CarrierStatus.Parameters, $"cycle is '{cycle}'; it must be the first day of a month as yyyy-MM-dd"));
        }

        return new Asked(cards, () => Answer(task, cards, AccountOf(context))) { IsChange = task is ChangeTask };
    }

    private Reply Answer(ICarrierTask task, CardId[] cards, string account)
    {
        var answers = Array.ConvertAll(
            cards, card => registry.RefusalOf(card, account) is { } refusal ? CardAnswer.Refused(card, refusal.Code) : task.Answer(card));
        return new(CarrierStatus.Ok, PlainAnswer.Write(CarrierStatus.Ok, "ok", task, answers, MessageOf), answers);

        string MessageOf(CardAnswer answer) => registry.RefusalOf(answer.Card, account)?.Message
            ?? CarrierStatus.MessageOf(answer.Value.ToString(CultureInfo.InvariantCulture));
    }

    private static string AccountOf(HttpContext context) => (string)context.Request.RouteValues["accountCode"]!;

    private static ChangeRequest RequestOf(HttpContext context, bool isStop) =>
        new(AccountOf(context), Callers.Of(context), Callers.KeyOf(context), isStop);
}
