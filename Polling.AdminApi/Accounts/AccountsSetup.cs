using Polling.AdminApi.Access;
using Polling.AdminApi.OpenApi;
using Polling.Core.Access;
using Polling.Core.Queue.Quotas;

namespace Polling.AdminApi.Accounts;

/// <summary>Carriers and their accounts: quotas, pause and resume.</summary>
internal static class AccountsSetup
{
    public static void AddAccounts(this WebApplicationBuilder builder)
    {
        // What is reserved is known to the schedulers; set here, too, it makes the answers right.
        builder.Services.AddOptions<QuotaOptions>().BindConfiguration("Polling:Quotas").ValidateDataAnnotations().ValidateOnStart();
        builder.Services.AddScoped<AccountStore>();
    }

    public static void MapAccounts(this IEndpointRouteBuilder app)
    {
        var carriers = app.MapGroup("/api/admin/carriers").WithTags("carriers").ProducesProblem(StatusCodes.Status503ServiceUnavailable);
        carriers.MapGet("/", CarrierEndpoints.ListAsync).WithSummary("All carriers");
        carriers.MapPost("/", CarrierEndpoints.CreateAsync).WithSummary("Makes a carrier")
            .WithJsonBody<NewCarrier>().NeedsScope(ApiScope.Admin).ProducesProblem(StatusCodes.Status409Conflict);
        var accounts = app.MapGroup("/api/admin/carrier-accounts").WithTags("carrier-accounts")
            .ProducesProblem(StatusCodes.Status503ServiceUnavailable);
        accounts.MapGet("/", AccountEndpoints.ListAsync)
            .WithSummary("All carrier accounts with their quotas, and what polling needs of them");
        accounts.MapPost("/", AccountEndpoints.CreateAsync).WithSummary("Makes a carrier account; cards can be imported for it at once")
            .WithJsonBody<NewAccount>().NeedsScope(ApiScope.Admin).ProducesProblem(StatusCodes.Status409Conflict);
        One(accounts.MapDelete("/{id}", AccountEndpoints.DeleteAsync), "Deletes a carrier account that has no cards").NeedsScope(ApiScope.Admin).ProducesProblem(StatusCodes.Status409Conflict);
        One(accounts.MapGet("/{id}", AccountEndpoints.GetAsync), "One carrier account");
        One(accounts.MapPut("/{id}", AccountEndpoints.ChangeAsync), "Changes the fields that are sent; the others keep their values. In force within 2 s")
            .WithJsonBody<AccountChange>();
        One(accounts.MapPost("/{id}/pause", AccountEndpoints.PauseAsync), "Sends nothing more; its cards stay scheduled. In force within 2 s");
        One(accounts.MapPost("/{id}/resume", AccountEndpoints.ResumeAsync), "Sends again. In force within 2 s");
    }

    private static RouteHandlerBuilder One(RouteHandlerBuilder endpoint, string summary) => endpoint
        .WithSummary(summary)
        .ProducesProblem(StatusCodes.Status400BadRequest)
        .ProducesProblem(StatusCodes.Status404NotFound);
}
