using Microsoft.Extensions.Configuration.Memory;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Serilog;

namespace Polling.ServiceDefaults.Logs;

/// <summary>Console logs and the levels that apply to every destination.</summary>
internal static class LogSetup
{
    /// <summary>Lowest in priority, so <c>Logging:LogLevel</c> of any configuration source overrides it.</summary>
    private static readonly Dictionary<string, string?> Levels = new()
    {
        ["Logging:LogLevel:Default"] = "Information",
        ["Logging:LogLevel:Microsoft"] = "Warning",
        ["Logging:LogLevel:System"] = "Warning",
        ["Logging:LogLevel:Npgsql"] = "Warning",
        ["Logging:LogLevel:StackExchange.Redis"] = "Warning",
        ["Logging:LogLevel:Polly"] = "Warning",
        ["Logging:LogLevel:Yarp"] = "Warning",
    };

    public static void AddConsole(IHostApplicationBuilder builder)
    {
        builder.Configuration.Sources.Insert(0, new MemoryConfigurationSource { InitialData = Levels });
        builder.Logging.ClearProviders();
        var name = ServiceIdentity.NameOf(builder);
        var dedicated = DedicatedCategories.Of(builder.Services);
        builder.Services.AddSingleton<ILoggerProvider>(_ => new CategoryLoggerProvider(
            new LoggerConfiguration()
                .MinimumLevel.Verbose()
                // The reason why a host cannot start is told in one line by StartupGuard; its stack trace goes to the file.
                .Filter.ByExcluding(static e => e.MessageTemplate.Text == "Hosting failed to start")
                .WriteTo.Console(new LogLineFormatter(name))
                .CreateLogger(),
            category => !dedicated.Contains(category)));
    }
}
