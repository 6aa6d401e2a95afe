using System.Security.Claims;
using Microsoft.AspNetCore.Authorization;
using Polling.Core.Access;

namespace Polling.AdminApi.Access;

/// <summary>An endpoint that needs more than its method says.</summary>
internal sealed record ScopeMetadata(ApiScope Scope);

/// <summary>The caller's key has the scope that the endpoint needs.</summary>
internal sealed class ScopeRequirement : IAuthorizationRequirement;

/// <summary>What an endpoint needs: what it says; else <c>read</c> to look, <c>operate</c> for all else.</summary>
internal sealed class ScopeHandler : AuthorizationHandler<ScopeRequirement, HttpContext>
{
    public const string Claim = "scope";

    public static ApiScope NeededFor(HttpContext context) => Needed(context.GetEndpoint()?.Metadata.GetMetadata<ScopeMetadata>(), context.Request.Method);

    public static ApiScope Needed(ScopeMetadata? said, string method) =>
        said?.Scope ?? (HttpMethods.IsGet(method) || HttpMethods.IsHead(method) ? ApiScope.Read : ApiScope.Operate);

    public static ApiScope? ScopeOf(ClaimsPrincipal caller) => ApiScopes.Find(caller.FindFirstValue(Claim));

    protected override Task HandleRequirementAsync(AuthorizationHandlerContext context, ScopeRequirement requirement, HttpContext resource)
    {
        if (ScopeOf(context.User) >= NeededFor(resource))
        {
            context.Succeed(requirement);
        }

        return Task.CompletedTask;
    }
}

internal static class ScopeExtensions
{
    public static TBuilder NeedsScope<TBuilder>(this TBuilder endpoint, ApiScope scope)
        where TBuilder : IEndpointConventionBuilder => endpoint.WithMetadata(new ScopeMetadata(scope));
}
