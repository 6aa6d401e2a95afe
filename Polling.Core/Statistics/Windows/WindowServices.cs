using Microsoft.Extensions.DependencyInjection;

namespace Polling.Core.Statistics.Windows;

/// <summary>Registers the counting of what a process does.</summary>
public static class WindowServices
{
    /// <summary>A <see cref="Tally"/>, and its writer as a background service.</summary>
    public static IServiceCollection AddStatisticsTally(this IServiceCollection services) =>
        services.AddSingleton<Tally>().AddSingleton<TallyWriter>().AddHostedService(s => s.GetRequiredService<TallyWriter>());
}
