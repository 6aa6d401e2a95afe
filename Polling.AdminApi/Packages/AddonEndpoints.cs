using System.Globalization;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Polling.AdminApi.Http;
using Polling.Core.AuditLog;
using Polling.Core.Cards;
using Polling.Core.Carriers;
using Polling.Core.Packages;
using Polling.Core.Persistence;

namespace Polling.AdminApi.Packages;

/// <summary>Add-ons of cards and of pools. They are idempotent by their reference, and never taken back.</summary>
internal static class AddonEndpoints
{
    public static async Task<Results<Ok<AddonListAnswer>, ProblemHttpResult>> ListOfCardAsync(
        string id, HttpRequest request, PollingDbContext context, CancellationToken cancellationToken)
    {
        var parameters = new Parameters(request.Query);
        return parameters.Number("id", id, 1, Card.IdMax) is { } card
            ? await ListAsync(context.PackageAddons.Where(a => a.CardId == card), cancellationToken) : parameters.Problem();
    }

    public static async Task<Results<Ok<AddonListAnswer>, ProblemHttpResult>> ListOfPoolAsync(
        string id, HttpRequest request, PollingDbContext context, CancellationToken cancellationToken)
    {
        var parameters = new Parameters(request.Query);
        return parameters.Number("id", id, 1, int.MaxValue) is { } pool
            ? await ListAsync(context.PackageAddons.Where(a => a.PoolId == pool), cancellationToken) : parameters.Problem();
    }

    public static async Task<Results<Created<AddonAnswer>, Ok<AddonAnswer>, ProblemHttpResult>> AddToCardAsync(
        string id, HttpRequest request, PackageStore store, PollingDbContext context, TimeProvider clock, CancellationToken cancellationToken)
    {
        var parameters = new Parameters(request.Query);
        var cardId = parameters.Number("id", id, 1, Card.IdMax);
        var addon = await PackageFields.ReadAddonAsync(request, parameters, cancellationToken);
        if (!parameters.AreValid)
        {
            return parameters.Problem();
        }

        if (await context.Cards.AsNoTracking().SingleOrDefaultAsync(c => c.Id == cardId, cancellationToken) is not { } card)
        {
            return PackagePages.NotFound("card", cardId!.Value);
        }

        if (card.PoolId is { } pool)
        {
            return PackagePages.InUse("card", $"Card {cardId} shares the allowance of pool {pool}: POST /api/admin/usage-pools/{pool}/addons adds to it.");
        }

        return await AddAsync(new PackageAddon { CardId = cardId, Reference = addon.Reference, CreatedBy = "", AllowanceBytes = addon.AllowanceBytes }, addon.Cycle, card.AccountId);

        Task<Results<Created<AddonAnswer>, Ok<AddonAnswer>, ProblemHttpResult>> AddAsync(PackageAddon made, DateOnly? cycle, int account) =>
            AddonEndpoints.AddAsync(made, cycle, account, request, parameters, store, context, clock, cancellationToken);
    }

    public static async Task<Results<Created<AddonAnswer>, Ok<AddonAnswer>, ProblemHttpResult>> AddToPoolAsync(
        string id, HttpRequest request, PackageStore store, PollingDbContext context, TimeProvider clock, CancellationToken cancellationToken)
    {
        var parameters = new Parameters(request.Query);
        var poolId = parameters.Number("id", id, 1, int.MaxValue);
        var addon = await PackageFields.ReadAddonAsync(request, parameters, cancellationToken);
        if (!parameters.AreValid)
        {
            return parameters.Problem();
        }

        return await context.UsagePools.AsNoTracking().SingleOrDefaultAsync(p => p.Id == poolId, cancellationToken) is not { } pool
            ? PackagePages.NotFound("pool", poolId!.Value)
            : await AddAsync(
                new PackageAddon { PoolId = poolId, Reference = addon.Reference, CreatedBy = "", AllowanceBytes = addon.AllowanceBytes }, addon.Cycle,
                pool.AccountId, request, parameters, store, context, clock, cancellationToken);
    }

    private static async Task<Results<Created<AddonAnswer>, Ok<AddonAnswer>, ProblemHttpResult>> AddAsync(
        PackageAddon addon, DateOnly? cycle, int accountId, HttpRequest request, Parameters parameters, PackageStore store, PollingDbContext context,
        TimeProvider clock, CancellationToken cancellationToken)
    {
        if (await context.CarrierAccounts.AsNoTracking().SingleOrDefaultAsync(a => a.Id == accountId, cancellationToken) is not { } account)
        {
            // What belonged to it was deleted before it, a moment ago.
            return addon.CardId is { } card ? PackagePages.NotFound("card", card) : PackagePages.NotFound("pool", addon.PoolId!.Value);
        }

        if (cycle is { } given && given.Day != account.BillingCycleDay)
        {
            parameters.Refuse(
                "cycle", given.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture), $"the first day of a billing cycle, day {account.BillingCycleDay} of a month");
            return parameters.Problem();
        }

        addon.Cycle = cycle ?? BillingCycle.Of(clock.GetUtcNow(), AccountZone.Of(account.TimeZone), account.BillingCycleDay);
        addon.CreatedBy = request.HttpContext.User.Identity?.Name ?? AuditCallers.CommandLine;
        var (saved, isNew) = await store.AddAsync(addon, cancellationToken);
        if (isNew)
        {
            return TypedResults.Created((string?)null, AddonAnswer.Of(saved));
        }

        // The same again is the same answer; the same reference for something else is a mistake.
        var isSame = (saved.CardId, saved.PoolId, saved.AllowanceBytes) == (addon.CardId, addon.PoolId, addon.AllowanceBytes) && (cycle is null || saved.Cycle == cycle);
        return isSame ? TypedResults.Ok(AddonAnswer.Of(saved)) : TypedResults.Problem(
            statusCode: StatusCodes.Status409Conflict, title: "The reference is taken",
            detail: $"Add-on {saved.Id} has the reference {saved.Reference} and is another one.",
            extensions: new Dictionary<string, object?> { ["errors"] = new[] { new ParameterError("reference", saved.Reference, "one of its own for each add-on") } });
    }

    private static async Task<Ok<AddonListAnswer>> ListAsync(IQueryable<PackageAddon> addons, CancellationToken cancellationToken)
    {
        var items = await addons.AsNoTracking().OrderByDescending(a => a.Id).Take(1000).ToListAsync(cancellationToken);
        return TypedResults.Ok(new AddonListAnswer([.. items.Select(AddonAnswer.Of)], items.Count));
    }
}
