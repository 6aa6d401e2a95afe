using Microsoft.Extensions.Options;
using Polling.Core.Persistence;
using Polling.Core.Persistence.Results;
using Polling.Core.Persistence.Usage;
using Polling.Core.Queue;
using Polling.Core.Statistics.Windows;
using Polling.Core.Telemetry;
using Polling.Executor.Adaptive;
using Polling.Executor.Calls;
using Polling.Executor.Checks;
using Polling.Executor.Claims;
using Polling.Executor.Dialects;
using Polling.Executor.Gateway;
using Polling.Executor.Reports;
using Polling.Executor.UsageCycles;

namespace Polling.Executor;

/// <summary>Registers the executor's background processes.</summary>
internal static class ExecutorServices
{
    public static IServiceCollection AddPollingExecutor(this IServiceCollection services)
    {
        services.AddPollingPersistence().AddPollingQueue().AddPollingTelemetry();
        services.AddOptions<ExecutorOptions>().BindConfiguration("Polling:Executor").ValidateDataAnnotations().ValidateOnStart();
        services.AddSingleton<IValidateOptions<ExecutorOptions>, ExecutorOptionsValidator>();
        services.AddSingleton<ExecutorIdentity>();
        services.AddSingleton<ResultStore>();
        services.AddTaskChecks();
        services.AddDialects();
        services.AddSingleton<CallRunner>();
        services.AddSingleton<FreshnessRequests>();

        // Hosted services start in this order and stop in the reverse: claims first, then what running calls need.
        services.AddHostedService<MigrationsReady>();
        services.AddSingleton<AdaptiveIntervals>().AddHostedService(s => s.GetRequiredService<AdaptiveIntervals>());
        services.AddStatisticsTally();
        services.AddGatewayClient();
        services.AddSingleton<CheckReport>().AddHostedService(s => s.GetRequiredService<CheckReport>());
        services.AddSingleton<ResultBatcher>().AddHostedService(s => s.GetRequiredService<ResultBatcher>());
        services.AddSingleton<LeaseRenewal>().AddHostedService(s => s.GetRequiredService<LeaseRenewal>());
        services.AddSingleton<CycleClosing>().AddHostedService<CycleLoop>();
        services.AddHostedService<ClaimLoops>();
        return services;
    }
}
