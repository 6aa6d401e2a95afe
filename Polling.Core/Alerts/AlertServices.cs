using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Polling.Core.Alerts.Evaluation;
using Polling.Core.Alerts.Webhooks;
using Polling.Core.Persistence.Alerts;
using Polling.Core.Statistics;

namespace Polling.Core.Alerts;

/// <summary>Registers alerts: evaluation, outbox and sender.</summary>
public static class AlertServices
{
    /// <summary>Over the registered queue, data source and context.</summary>
    public static IServiceCollection AddPollingAlerts(this IServiceCollection services)
    {
        services.AddOptions<WebhookOptions>().BindConfiguration("Polling:Webhooks").ValidateDataAnnotations().ValidateOnStart();
        services.TryAddSingleton<PollingStatisticsReader>();
        return services
            .AddSingleton<WebhookAddresses>()
            .AddSingleton<Func<string, CancellationToken, Task<IPAddress[]>>>(Dns.GetHostAddressesAsync)
            .AddSingleton<WebhookConnector>()
            .AddSingleton<WebhookSender>()
            .AddSingleton<WindowReadings>()
            .AddSingleton<AlertReadings>()
            .AddSingleton<AlertStore>()
            .AddSingleton<AlertRound>()
            .AddSingleton<AlertOutbox>()
            .AddSingleton<AlertSender>();
    }
}
