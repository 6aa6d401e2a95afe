using Microsoft.Extensions.Http.Resilience;
using Microsoft.Extensions.Options;
using Polly;

namespace Polling.Executor.Gateway;

/// <summary>Registers the gateway client with its resilience.</summary>
internal static class GatewayServices
{
    /// <summary>
    /// From the outside in: total timeout (in the client), one retry within the budget (never of what changes something), timeout of an attempt, quota. There is no breaker here: the
    /// one that all processes share belongs to the account.
    /// </summary>
    public static IServiceCollection AddGatewayClient(this IServiceCollection services)
    {
        services.AddSingleton<RetryBudget>();
        services.AddSingleton<AttemptReports>();
        services.AddTransient<QuotaHandler>();
        services.AddSingleton<GatewayAccounts>();
        services.AddHostedService(s => s.GetRequiredService<GatewayAccounts>());
        services.AddHttpClient<GatewayHttp>(client => client.Timeout = Timeout.InfiniteTimeSpan)
            .ConfigurePrimaryHttpMessageHandler(() => new SocketsHttpHandler
            {
                PooledConnectionLifetime = TimeSpan.FromMinutes(5),
                MaxConnectionsPerServer = 2_000,
                AutomaticDecompression = System.Net.DecompressionMethods.All,

                // What follows a redirect would be charged to nobody.
                AllowAutoRedirect = false,
                UseCookies = false,
            })
            .AddResilienceHandler("gateway", (pipeline, context) =>
            {
                var options = context.ServiceProvider.GetRequiredService<IOptions<ExecutorOptions>>().Value;
                var budget = context.ServiceProvider.GetRequiredService<RetryBudget>();
                pipeline
                    .AddRetry(new HttpRetryStrategyOptions
                    {
                        MaxRetryAttempts = 1,
                        Delay = TimeSpan.FromMilliseconds(200),
                        UseJitter = true,
                        ShouldHandle = outcome => ValueTask.FromResult(
                            outcome.Outcome.Exception is HttpRequestException && !IsChange(outcome.Context) && budget.TryWithdraw()),
                    })
                    .AddTimeout(options.AttemptTimeout);
            });
        services.AddHttpClient<GatewayHttp>().AddHttpMessageHandler<QuotaHandler>();
        return services;
    }

    private static bool IsChange(ResilienceContext context) =>
        context.GetRequestMessage() is { } request && request.Options.TryGetValue(QuotaHandler.IsChange, out var isChange) && isChange;
}
