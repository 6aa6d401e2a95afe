using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Polling.Core.Cards;
using Polling.Core.Persistence.Accounts;
using Polling.Core.Queue.Audit;
using Polling.Core.Queue.Claims;
using Polling.Core.Queue.Completion;
using Polling.Core.Queue.Configuration;
using Polling.Core.Queue.Epochs;
using Polling.Core.Queue.Gauges;
using Polling.Core.Queue.Intervals;
using Polling.Core.Queue.Lateness;
using Polling.Core.Queue.Manual;
using Polling.Core.Queue.Permits;
using Polling.Core.Queue.Placement;
using Polling.Core.Queue.Promotion;
using Polling.Core.Queue.Quarantine;
using Polling.Core.Queue.Quotas;
using Polling.Core.Queue.Renewal;
using Polling.Core.Queue.Scripts;
using Polling.Core.Queue.Signals;
using Polling.Core.Queue.Tokens;
using Polling.Core.Statistics;
using Polling.Core.Statistics.Windows;

namespace Polling.Core.Queue;

/// <summary>Registers the queue.</summary>
public static class QueueServices
{
    /// <summary>The queue's verbs over the registered Redis connection and PostgreSQL data source. The scripts are checked here.</summary>
    public static IServiceCollection AddPollingQueue(this IServiceCollection services) => services
        .AddSingleton(services => new RedisKeys(RedisLayout.Of(services.GetService<IConfiguration>())))
        .AddHostedService<LayoutCheck>()
        .AddScriptLibrary()
        .AddSingleton<ScriptRunner>()
        .AddSingleton<PlacementScript>()
        .AddSingleton<PromotionScript>()
        .AddSingleton<ClaimScripts>()
        .AddSingleton<QuotaGate>()
        .AddSingleton<MonthBudget>()
        .AddSingleton<AccountGate>()
        .AddSingleton<AccountConditions>()
        .AddSingleton<CarrierTokens>()
        .AddSingleton<RenewalScript>()
        .AddSingleton<AccountDemand>()
        .AddSingleton<ManualRequests>()
        .AddSingleton<SettledRequests>()
        .AddSingleton<ManualHandover>()
        .AddSingleton<PermitScripts>()
        .AddSingleton<CompletionScript>()
        .AddSingleton<CardPlaceReader>()
        .AddSingleton<QuarantineScripts>()
        .AddSingleton<QuarantineRelease>()
        .AddSingleton<QueueAudit>()
        .AddSingleton<GaugeScript>()
        .AddSingleton<WindowStatisticsReader>()
        .AddSingleton<EpochKeeper>()
        .AddSingleton<ConfigurationPublisher>()
        .AddSingleton<QueueSignals>()
        .AddSingleton<InitialisationProgressStore>()
        .AddSingleton<CardPlacement>()
        .AddSingleton<MoveScript>()
        .AddSingleton<MovedIntervals>()
        .AddSingleton<ScheduleMove>()
        .AddSingleton<ICardPlacement>(services => services.GetRequiredService<CardPlacement>());

    // A virtual clock brings its own.
    private static IServiceCollection AddScriptLibrary(this IServiceCollection services)
    {
        services.TryAddSingleton(new ScriptLibrary());
        return services;
    }
}
