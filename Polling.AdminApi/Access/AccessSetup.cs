using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.RateLimiting;
using Microsoft.Extensions.Options;
using Polling.AdminApi.OpenApi;
using Polling.Core.Access;

namespace Polling.AdminApi.Access;

/// <summary>Who may use the API: API keys with scopes, and how often; docs/access.md.</summary>
internal static class AccessSetup
{
    public static void AddAccess(this WebApplicationBuilder builder)
    {
        builder.Services.AddOptions<AccessOptions>().BindConfiguration(AccessOptions.Section).ValidateDataAnnotations().ValidateOnStart();
        builder.Services.AddSingleton<OpenAccess>().AddScoped<KeyStore>().AddSingleton<KeyRing>();

        // Behind the database's preparation: it reads the keys.
        builder.Services.AddHostedService(services => services.GetRequiredService<KeyRing>());
        builder.Services.AddAuthentication(ApiKeyAuthentication.Name)
            .AddScheme<AuthenticationSchemeOptions, ApiKeyAuthentication>(ApiKeyAuthentication.Name, null);
        builder.Services.AddSingleton<IAuthorizationHandler, ScopeHandler>();
        builder.Services.AddAuthorizationBuilder().SetFallbackPolicy(new AuthorizationPolicyBuilder(ApiKeyAuthentication.Name)
            .RequireAuthenticatedUser().AddRequirements(new ScopeRequirement()).Build());
        builder.Services.AddRateLimiter(_ => { }).AddSingleton<IConfigureOptions<RateLimiterOptions>, CallerLimits>();
    }

    /// <summary>Every endpoint needs a key, unless it says that it is for anybody.</summary>
    public static void UseAccess(this WebApplication app)
    {
        app.UseAuthentication();
        app.UseRateLimiter();
        app.UseAuthorization();
    }

    public static void MapAccess(this IEndpointRouteBuilder app)
    {
        var keys = app.MapGroup("/api/admin/api-keys").WithTags("api-keys").NeedsScope(ApiScope.Admin)
            .ProducesProblem(StatusCodes.Status503ServiceUnavailable);
        keys.MapGet("/", KeyEndpoints.ListAsync).WithSummary("All API keys, without the keys themselves");
        keys.MapPost("/", KeyEndpoints.CreateAsync).WithSummary("Makes an API key; the answer is the only place where it is shown")
            .WithJsonBody<NewKey>().ProducesProblem(StatusCodes.Status409Conflict);
        keys.MapDelete("/{id}", KeyEndpoints.RevokeAsync).WithSummary("Revokes an API key; refused everywhere within 5 s")
            .ProducesProblem(StatusCodes.Status400BadRequest).ProducesProblem(StatusCodes.Status404NotFound).ProducesProblem(StatusCodes.Status409Conflict);
    }
}
