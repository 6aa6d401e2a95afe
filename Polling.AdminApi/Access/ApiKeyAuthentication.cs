using System.Security.Claims;
using System.Text.Encodings.Web;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Extensions.Options;
using Polling.Core.Access;
using Polling.Core.AuditLog;

namespace Polling.AdminApi.Access;

/// <summary>Who asks: the API key in <c>Authorization: Bearer …</c>, or, in development on loopback, whoever it is.</summary>
internal sealed class ApiKeyAuthentication(
    KeyRing keys, OpenAccess open, IProblemDetailsService problems, IOptionsMonitor<AuthenticationSchemeOptions> options, ILoggerFactory logger, UrlEncoder encoder)
    : AuthenticationHandler<AuthenticationSchemeOptions>(options, logger, encoder)
{
    public const string Name = "ApiKey";
    private const string Bearer = "Bearer ";

    // "Bearer" alone is what the explorer sends when nobody has typed a key: that is no key, not a wrong one.
    private string? Authorization =>
        Request.Headers.Authorization.ToString().Trim() is { Length: > 0 } header && !header.Equals(Bearer.Trim(), StringComparison.OrdinalIgnoreCase) ? header : null;

    protected override Task<AuthenticateResult> HandleAuthenticateAsync()
    {
        if (Authorization is not { } authorization)
        {
            return Task.FromResult(open.IsOpenTo(Context) ? Success(AuditCallers.Development, ApiScope.Admin) : AuthenticateResult.NoResult());
        }

        return Task.FromResult(
            authorization.StartsWith(Bearer, StringComparison.OrdinalIgnoreCase) && keys.Find(authorization[Bearer.Length..].Trim()) is { } key
                ? Success(key.Name, key.Scope)
                : AuthenticateResult.Fail("no valid key"));
    }

    protected override Task HandleChallengeAsync(AuthenticationProperties properties)
    {
        Response.Headers.WWWAuthenticate = "Bearer";
        return RefuseAsync(
            StatusCodes.Status401Unauthorized, "An API key is needed",
            Authorization is not null ? "The API key in the Authorization header is unknown, revoked or expired."
            : open.IsOpen ? "Without a key only requests of this machine to localhost are answered. Send Authorization: Bearer and a key."
            : "Send Authorization: Bearer and a key. An administrator makes one with POST /api/admin/api-keys.");
    }

    protected override Task HandleForbiddenAsync(AuthenticationProperties properties) => RefuseAsync(
        StatusCodes.Status403Forbidden, "The API key does not allow this",
        $"{Request.Method} {Request.Path} needs the scope {ScopeHandler.NeededFor(Context).Name()}; the key {Context.User.Identity?.Name} has {ScopeHandler.ScopeOf(Context.User)?.Name()}.");

    private async Task RefuseAsync(int status, string title, string detail)
    {
        Response.StatusCode = status;

        // Who accepts no JSON gets the status alone.
        await problems.TryWriteAsync(new ProblemDetailsContext
        {
            HttpContext = Context,
            ProblemDetails = new ProblemDetails { Status = status, Title = title, Detail = detail },
        });
    }

    private static AuthenticateResult Success(string caller, ApiScope scope)
    {
        var identity = new ClaimsIdentity([new Claim(ClaimTypes.Name, caller), new Claim(ScopeHandler.Claim, scope.Name())], Name);
        return AuthenticateResult.Success(new AuthenticationTicket(new ClaimsPrincipal(identity), Name));
    }
}
