using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using Polling.AdminApi.Http;
using Polling.Core.Capacity;
using Polling.Core.Carriers;
using Polling.Core.Configuration;
using Polling.Core.Persistence;
using Polling.Core.Queue.Quotas;

namespace Polling.AdminApi.Planner;

internal static class PlannerEndpoints
{
    public const long CardsMax = 1_000_000_000;
    public const int CallsPerSecondMax = 1_000_000;

    public static async Task<Results<Ok<PlanAnswer>, ProblemHttpResult>> PlanAsync(
        HttpRequest request, CardCounts counts, PollingDbContext context, IOptions<QuotaOptions> quotas, CancellationToken cancellationToken)
    {
        var parameters = new Parameters(request.Query);
        var accountId = parameters.Number("account_id", 1, CarrierAccount.IdMax);
        if (!parameters.AreValid)
        {
            return parameters.Problem();
        }

        var accounts = await context.CarrierAccounts.AsNoTracking().Where(account => accountId == null || account.Id == accountId).ToArrayAsync(cancellationToken);
        if (accounts.Length == 0 && accountId is not null)
        {
            return TypedResults.Problem(
                statusCode: StatusCodes.Status404NotFound, title: "No such account", detail: $"There is no carrier account with the id {accountId}.");
        }

        var configs = new PollingConfigSet(await context.PollingConfigs.AsNoTracking().ToArrayAsync(cancellationToken));
        var (groups, at) = await counts.ReadAsync(cancellationToken);
        var plans = AccountPlan.Of(accounts, groups, configs, quotas.Value.ReservedPercent);
        return TypedResults.Ok(new PlanAnswer(
            at, groups.Where(group => accountId is null || group.AccountId == accountId).Sum(group => group.Cards),
            AccountPlanAnswer.Round(plans.Sum(plan => plan.NeededCallsPerSecond)), AccountPlanAnswer.Round(plans.Sum(plan => plan.AvailableCallsPerSecond)),
            plans.Count(plan => !plan.Fits),
            [.. plans.OrderByDescending(plan => plan.IntervalFactor ?? double.PositiveInfinity).ThenBy(plan => plan.Account.Id).Select(AccountPlanAnswer.Of)]));
    }

    public static Results<Ok<WhatIfAnswer>, ProblemHttpResult> WhatIf(HttpRequest request, IOptions<QuotaOptions> quotas)
    {
        var parameters = new Parameters(request.Query);
        var cards = Required(parameters, request.Query, "cards", 1, CardsMax);
        var callsPerSecond = (int)Required(parameters, request.Query, "calls_per_second", 1, CallsPerSecondMax);
        var cardsPerCall = parameters.Number("cards_per_call", 1, CarrierAccount.CardsPerCallMax) ?? 1;
        var interval = parameters.Number("interval_seconds", 1, PollingConfig.IntervalSecondsMax);
        if (!parameters.AreValid)
        {
            return parameters.Problem();
        }

        var account = new CarrierAccount { Code = "", Name = "", CallsPerSecond = callsPerSecond, CardsPerCall = cardsPerCall };
        var available = CallBudget.Available(account, quotas.Value.ReservedPercent);
        var calls = (double)cards / cardsPerCall;
        var needed = calls / interval;
        return TypedResults.Ok(new WhatIfAnswer(
            cards, callsPerSecond, cardsPerCall, (long)Math.Ceiling(calls), AccountPlanAnswer.Round(calls / callsPerSecond), AccountPlanAnswer.Round(available),
            Math.Max(1, (long)Math.Ceiling(calls / available)), interval, needed is { } n ? AccountPlanAnswer.Round(n) : null, needed is { } asked ? asked <= available : null,
            needed is { } wanted ? (long)Math.Ceiling(wanted * callsPerSecond / available) : null));
    }

    private static long Required(Parameters parameters, IQueryCollection query, string name, long min, long max)
    {
        if (!query.ContainsKey(name))
        {
            parameters.Refuse(name, "", $"an integer from {min} to {max}");
        }

        return parameters.Number(name, min, max) ?? min;
    }
}
