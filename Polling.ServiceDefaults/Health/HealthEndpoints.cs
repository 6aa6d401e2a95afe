using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using OpenTelemetry;

namespace Polling.ServiceDefaults.Health;

/// <summary>
/// <c>/health</c>: every check, 200 when the service can do its work, else 503. <c>/alive</c>: only the checks tagged
/// <c>live</c>, so a lost Redis never gets a healthy process restarted. Both are for anybody, as often as they like. Neither is traced, nor is what the checks do.
/// </summary>
internal static class HealthEndpoints
{
    public const string Ready = "/health";
    public const string Alive = "/alive";
    public const string LiveTag = "live";

    public static bool IsHealthPath(PathString path) => path.Equals(Ready) || path.Equals(Alive);

    public static void Map(IEndpointRouteBuilder endpoints)
    {
        endpoints.MapGet(Ready, (HttpContext context) => AnswerAsync(context, static _ => true))
            .ExcludeFromDescription().AllowAnonymous().DisableRateLimiting();
        endpoints.MapGet(Alive, (HttpContext context) => AnswerAsync(context, static check => check.Tags.Contains(LiveTag)))
            .ExcludeFromDescription().AllowAnonymous().DisableRateLimiting();
    }

    private static async Task AnswerAsync(HttpContext context, Func<HealthCheckRegistration, bool> included)
    {
        // Without this, a sampler that ignores parents (always_on) would record each probe's SELECT 1 as a trace of its own.
        using var untraced = SuppressInstrumentationScope.Begin();
        var report = await context.RequestServices.GetRequiredService<HealthCheckService>()
            .CheckHealthAsync(included, context.RequestAborted);
        context.Response.StatusCode = report.Status == HealthStatus.Unhealthy
            ? StatusCodes.Status503ServiceUnavailable
            : StatusCodes.Status200OK;
        context.Response.Headers.CacheControl = "no-store";
        await context.Response.WriteAsJsonAsync(HealthAnswer.Of(report), HealthJson.Default.HealthAnswer, cancellationToken: context.RequestAborted);
    }
}
