using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Hosting;

namespace Polling.ServiceDefaults.Production;

/// <summary>
/// Outside development a service does not start on settings that are good for development only; docs/access.md. All that is wrong is said at once. (That the API
/// is not open to anybody is the API's own rule: it knows its keys.)
/// </summary>
internal sealed class ProductionCheck(IConfiguration configuration, IHostEnvironment environment) : IStartupCheck
{
    /// <exception cref="StartupException">A setting is for development only.</exception>
    public Task CheckAsync() => !environment.IsDevelopment() && Problems(configuration).ToArray() is { Length: > 0 } problems
        ? throw new StartupException($"in the environment {environment.EnvironmentName} {string.Join("; ", problems)}")
        : Task.CompletedTask;

    /// <summary>What would have to change; each names the setting and what would be right.</summary>
    internal static IEnumerable<string> Problems(IConfiguration configuration) =>
        new[] { DatabasePassword.Problem(configuration), PlainTextRedis.Problem(configuration), WebhookNetworks.Problem(configuration) }.OfType<string>();
}
