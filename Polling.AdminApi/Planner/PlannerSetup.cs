using Polling.AdminApi.OpenApi;
using Polling.Core.Carriers;
using Polling.Core.Configuration;

namespace Polling.AdminApi.Planner;

/// <summary>Whether the carriers' quotas suffice for the fleet, and what would (docs/planner.md).</summary>
internal static class PlannerSetup
{
    public static void AddPlanner(this WebApplicationBuilder builder) => builder.Services.AddSingleton<CardCounts>();

    public static void MapPlanner(this IEndpointRouteBuilder app)
    {
        var planner = app.MapGroup("/api/admin/polling-planner").WithTags("polling-planner").ProducesProblem(StatusCodes.Status400BadRequest);
        planner.MapGet("/", PlannerEndpoints.PlanAsync)
            .WithSummary("For each account and task: calls needed and available, how long a full sweep takes, the shortest interval that fits, and what would make it fit")
            .WithIntegerQuery("account_id", "Only this account", 1, CarrierAccount.IdMax)
            .ProducesProblem(StatusCodes.Status404NotFound);
        planner.MapGet("/what-if", PlannerEndpoints.WhatIf)
            .WithSummary("What a quota would be good for: the time of a full sweep and the shortest interval, or the quota that an interval needs")
            .WithIntegerQuery("cards", "Cards", 1, PlannerEndpoints.CardsMax, isRequired: true)
            .WithIntegerQuery("calls_per_second", "The quota", 1, PlannerEndpoints.CallsPerSecondMax, isRequired: true)
            .WithIntegerQuery("cards_per_call", "Cards that one call may name; 1 unless given", 1, CarrierAccount.CardsPerCallMax)
            .WithIntegerQuery("interval_seconds", "The interval that is wanted", 1, PollingConfig.IntervalSecondsMax);
    }
}
