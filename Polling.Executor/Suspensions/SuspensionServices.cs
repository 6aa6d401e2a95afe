using Polling.Core.Persistence.Suspensions;

namespace Polling.Executor.Suspensions;

/// <summary>Registers what carries suspensions out.</summary>
internal static class SuspensionServices
{
    public static IServiceCollection AddSuspensions(this IServiceCollection services)
    {
        services.AddOptions<SuspensionOptions>().BindConfiguration("Polling:Suspension").ValidateDataAnnotations().ValidateOnStart();
        services.AddSingleton<SuspensionOutbox>().AddSingleton<SuspensionGate>().AddSingleton<OverLimit>();
        services.AddSingleton<SuspensionReasons>().AddSingleton<SuspensionRunner>();
        services.AddHostedService<SuspensionLoop>().AddHostedService<StopWatch>();
        return services;
    }
}
