using Polling.AdminApi.OpenApi;
using Polling.Core.Carriers;

namespace Polling.AdminApi.Packages;

/// <summary>Packages, usage pools and add-ons: what cards may use. See docs/usage.md.</summary>
internal static class PackagesSetup
{
    public static void AddPackages(this WebApplicationBuilder builder) => builder.Services.AddScoped<PackageStore>();

    public static void MapPackages(this IEndpointRouteBuilder app)
    {
        var packages = app.MapGroup("/api/admin/packages").WithTags("packages").ProducesProblem(StatusCodes.Status400BadRequest);
        Paged(packages.MapGet("/", PackageEndpoints.ListAsync)).WithSummary("Lists the packages in the order of their ids");
        packages.MapPost("/", PackageEndpoints.CreateAsync).WithSummary("Makes a package; code, name and allowance_bytes are needed")
            .WithJsonBody<NewPackage>().ProducesProblem(StatusCodes.Status409Conflict);
        One(packages.MapGet("/{id}", PackageEndpoints.GetAsync)).WithSummary("One package");
        One(packages.MapPut("/{id}", PackageEndpoints.ChangeAsync))
            .WithSummary("Changes the fields that are sent; cards that were suspended for their use are judged anew").WithJsonBody<PackageChange>();
        One(packages.MapDelete("/{id}", PackageEndpoints.DeleteAsync)).WithSummary("Deletes a package that no card has")
            .ProducesProblem(StatusCodes.Status409Conflict);

        var pools = app.MapGroup("/api/admin/usage-pools").WithTags("usage-pools").ProducesProblem(StatusCodes.Status400BadRequest);
        Paged(pools.MapGet("/", PoolEndpoints.ListAsync)).WithSummary("Lists the usage pools in the order of their ids")
            .WithIntegerQuery("account_id", "pools of this carrier account", 1, CarrierAccount.IdMax);
        pools.MapPost("/", PoolEndpoints.CreateAsync).WithSummary("Makes a usage pool; code, name and account_id are needed")
            .WithJsonBody<NewPool>().ProducesProblem(StatusCodes.Status409Conflict);
        One(pools.MapGet("/{id}", PoolEndpoints.GetAsync)).WithSummary("One usage pool");
        One(pools.MapPut("/{id}", PoolEndpoints.ChangeAsync))
            .WithSummary("Changes the fields that are sent; cards that were suspended for their use are judged anew").WithJsonBody<PoolChange>();
        One(pools.MapDelete("/{id}", PoolEndpoints.DeleteAsync)).WithSummary("Deletes a pool that has no cards").ProducesProblem(StatusCodes.Status409Conflict);
        pools.MapGet("/{id}/addons", AddonEndpoints.ListOfPoolAsync).WithSummary("The add-ons of a pool, the newest first, at most 1,000");
        Added(pools.MapPost("/{id}/addons", AddonEndpoints.AddToPoolAsync)).WithSummary("Adds to a pool's allowance for one cycle; idempotent by its reference");

        var cards = app.MapGroup("/api/admin/cards").WithTags("cards").ProducesProblem(StatusCodes.Status400BadRequest);
        cards.MapGet("/{id}/addons", AddonEndpoints.ListOfCardAsync).WithSummary("The add-ons of a card, the newest first, at most 1,000");
        Added(cards.MapPost("/{id}/addons", AddonEndpoints.AddToCardAsync)).WithSummary("Adds to a card's allowance for one cycle; idempotent by its reference");
    }

    private static RouteHandlerBuilder Paged(RouteHandlerBuilder endpoint) => endpoint
        .WithPages(PackagePages.PageMax, PackagePages.SizeMax, PackagePages.SizeDefault).WithTextQuery("code", "the whole code");

    private static RouteHandlerBuilder One(RouteHandlerBuilder endpoint) => endpoint.ProducesProblem(StatusCodes.Status404NotFound);

    private static RouteHandlerBuilder Added(RouteHandlerBuilder endpoint) => endpoint
        .WithJsonBody<NewAddon>().ProducesProblem(StatusCodes.Status404NotFound).ProducesProblem(StatusCodes.Status409Conflict);
}
