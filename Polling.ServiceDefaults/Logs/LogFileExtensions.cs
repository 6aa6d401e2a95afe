using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Polling.ServiceDefaults.Logs;
using Serilog;

namespace Polling.ServiceDefaults;

/// <summary>The log files of the operations contract.</summary>
public static class LogFileExtensions
{
    /// <summary>
    /// Writes the process's log to <paramref name="fileName"/> in <c>Polling:LogDirectory</c>, besides the console and OTLP. Processes may
    /// share a file. Levels are those of <c>Logging:LogLevel</c>.
    /// </summary>
    /// <param name="builder">The application.</param>
    /// <param name="fileName">For example <c>worker.log</c>.</param>
    /// <param name="onlyCategory">
    /// Give a logger category, for example <c>Polling.Access</c>, to write only its entries to this file and nowhere else but OTLP.
    /// </param>
    /// <exception cref="StartupException">Thrown when the application is built: the folder or file cannot be written.</exception>
    public static TBuilder AddLogFile<TBuilder>(this TBuilder builder, string fileName, string? onlyCategory = null)
        where TBuilder : IHostApplicationBuilder
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(fileName);
        var dedicated = DedicatedCategories.Of(builder.Services);
        if (onlyCategory is not null)
        {
            dedicated.Add(onlyCategory);
        }

        var name = ServiceIdentity.NameOf(builder);
        builder.Services.AddSingleton<ILoggerProvider>(services => new CategoryLoggerProvider(
            new LoggerConfiguration()
                .MinimumLevel.Verbose()
                .WriteTo.Sink(Open(fileName, name, services.GetRequiredService<IConfiguration>()))
                .CreateLogger(),
            onlyCategory is null
                ? category => !dedicated.Contains(category)
                : category => string.Equals(category, onlyCategory, StringComparison.Ordinal)));
        return builder;
    }

    private static SharedLogFile Open(string fileName, string serviceName, IConfiguration configuration)
    {
        var options = configuration.GetSection("Polling:LogFile").Get<LogFileOptions>() ?? new LogFileOptions();
        options.Directory = configuration["Polling:LogDirectory"] ?? options.Directory;
        options.Validate();
        var path = Path.GetFullPath(Path.Combine(options.Directory, fileName));
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            var rotation = new LogRotation(path, options.MaxMegabytes * 1024L * 1024L, options.KeptFiles, TimeProvider.System);
            return new SharedLogFile(path, new LogLineFormatter(serviceName), rotation);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new StartupException(
                $"the log file {path} cannot be written: {exception.Message} "
                + $"Let user '{Environment.UserName}' write there, or name another folder in Polling:LogDirectory.",
                exception);
        }
    }
}
