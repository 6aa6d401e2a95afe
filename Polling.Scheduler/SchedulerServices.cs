using Polling.Core.Alerts;
using Polling.Core.Configuration;
using Polling.Core.Persistence;
using Polling.Core.Persistence.Usage;
using Polling.Core.Queue;
using Polling.Core.Queue.Epochs;
using Polling.Core.Queue.Promotion;
using Polling.Core.Queue.Quotas;
using Polling.Core.Statistics.Windows;
using Polling.Core.Telemetry;
using Polling.Scheduler.Alerts;
using Polling.Scheduler.Audit;
using Polling.Scheduler.Capacity;
using Polling.Scheduler.Cleanup;
using Polling.Scheduler.Gauges;
using Polling.Scheduler.Initialisation;
using Polling.Scheduler.Intervals;
using Polling.Scheduler.ManualTriggers;
using Polling.Scheduler.Partitions;
using Polling.Scheduler.UsageCycles;

namespace Polling.Scheduler;

/// <summary>Registers the scheduler's background processes.</summary>
internal static class SchedulerServices
{
    public static IServiceCollection AddPollingScheduler(this IServiceCollection services)
    {
        services.AddPollingPersistence().AddPollingQueue().AddPollingTelemetry().AddStatisticsTally();
        services.AddOptions<InitialisationOptions>().BindConfiguration("Polling:Initialisation").ValidateDataAnnotations().ValidateOnStart();
        services.AddOptions<QuotaOptions>().BindConfiguration("Polling:Quotas").ValidateDataAnnotations().ValidateOnStart();
        services.AddOptions<PromotionOptions>().BindConfiguration("Polling:Promotion").ValidateDataAnnotations().ValidateOnStart();
        services.AddOptions<RedisReadyOptions>().BindConfiguration("Polling:Redis");
        services.AddOptions<AuditOptions>().BindConfiguration("Polling:Audit").ValidateDataAnnotations().ValidateOnStart();
        services.AddHostedService<RedisReady>();
        services.AddHostedService<MigrationsReady>();
        services.AddHostedService<SchedulerStart>();
        services.AddHostedService<PartitionPass>();
        services.AddHostedService<GaugePass>();
        services.AddHostedService<InitialisationPass>();
        services.AddHostedService<AuditPass>();
        services.AddHostedService<IntervalPass>();
        services.AddHostedService<CapacityPass>();
        services.AddHostedService<ManualTriggerPass>();
        services.AddSingleton<CycleClosing>().AddHostedService<UsageCyclePass>();
        services.AddSingleton<CleanupPlan>().AddHostedService<CleanupPass>();
        services.AddPollingAlerts().AddHostedService<AlertPass>().AddHostedService<NoticePass>();
        foreach (var type in TaskTypes.Polled)
        {
            services.AddSingleton<IHostedService>(s => ActivatorUtilities.CreateInstance<Promotion.PromotionPass>(s, type));
        }

        return services;
    }
}
