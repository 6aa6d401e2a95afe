using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Hosting;

namespace Polling.ServiceDefaults.Production;

/// <summary>
/// Outside development a service does not start on settings that are good for development only; docs/access.md. Looked at before anything else
/// starts, and all that is wrong is said at once. (That the API is not open to anybody is the API's own rule: it knows its keys.)
/// </summary>
internal sealed class ProductionCheck(IConfiguration configuration, IHostEnvironment environment) : IHostedLifecycleService
{
    /// <exception cref="StartupException">A setting is for development only.</exception>
    public Task StartingAsync(CancellationToken cancellationToken)
    {
        if (!environment.IsDevelopment() && Problems(configuration).ToArray() is { Length: > 0 } problems)
        {
            throw new StartupException($"in the environment {environment.EnvironmentName} {string.Join("; ", problems)}");
        }

        return Task.CompletedTask;
    }

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>What would have to change; each names the setting and what would be right.</summary>
    internal static IEnumerable<string> Problems(IConfiguration configuration) =>
        new[] { DatabasePassword.Problem(configuration), PlainTextRedis.Problem(configuration), WebhookNetworks.Problem(configuration) }.OfType<string>();
}
