using System.Net.Sockets;
using System.Reflection;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Npgsql;

namespace Polling.ServiceDefaults;

/// <summary>
/// Builds, starts and runs a service. One that cannot start says in one line on standard error what to change and
/// ends with exit code 1; the details are in its log file.
/// </summary>
public static partial class StartupGuard
{
    /// <summary>Exit code of a process that could not start, or that a failed background task brought down.</summary>
    public const int Failed = 1;

    /// <summary>Runs an application that was built already. See <see cref="RunAsync(Func{WebApplication})"/>.</summary>
    public static Task<int> RunAsync(WebApplication app) => RunAsync(() => app);

    /// <summary>
    /// Runs <paramref name="build"/> (so that mistakes in the configuration found while building are covered too), starts
    /// the application and waits for its end.
    /// </summary>
    /// <returns>The process's exit code: 0, also when it was told to stop before it was up; 1 when it could not start, or did not stop as it should.</returns>
    public static async Task<int> RunAsync(Func<WebApplication> build)
    {
        ArgumentNullException.ThrowIfNull(build);
        WebApplication? app = null;
        try
        {
            app = build();
            foreach (var check in app.Services.GetServices<IStartupCheck>())
            {
                await check.CheckAsync();
            }

            await app.StartAsync();
        }
        catch (OperationCanceledException) when (app?.Lifetime.ApplicationStopping.IsCancellationRequested == true)
        {
            await EndQuietlyAsync(app);
            return 0;
        }
#pragma warning disable CA1031 // Whatever keeps a process from starting ends here, as one line.
        catch (Exception exception) when (exception is not HostAbortedException)
#pragma warning restore CA1031
        {
            await Console.Error.WriteLineAsync($"{ProgramName} cannot start: {Explain(exception)}");
            await EndQuietlyAsync(app);
            return Failed;
        }

        await using (app)
        {
            Started(app.Logger, string.Join(", ", AddressesOf(app)), app.Environment.EnvironmentName);
            try
            {
                await app.WaitForShutdownAsync();
            }
#pragma warning disable CA1031 // A crash on the way out would look like a fault of the work itself.
            catch (Exception exception)
#pragma warning restore CA1031
            {
                NotStopped(app.Logger, exception);
                return Failed;
            }
        }

        return Environment.ExitCode;
    }

    /// <summary>The one line for an exception met while starting: what is wrong and, where known, how to mend it.</summary>
    internal static string Explain(Exception exception)
    {
        var cause = RootOf(exception);
        var line = cause switch
        {
            OptionsValidationException invalid => string.Join("; ", invalid.Failures),
            StartupException or OperationCanceledException => cause.Message,
            IOException { InnerException: AddressInUseException } or AddressInUseException =>
                $"{cause.Message.TrimEnd('.')}. Stop the program that uses it, or choose another port (ASPNETCORE_URLS).",
            NpgsqlException postgres => PostgresRefusal.Explain(postgres),
            SocketException socket => $"the network address cannot be used: {socket.Message} (see ASPNETCORE_URLS)",
            InvalidOperationException or FormatException or ArgumentException or IOException or UnauthorizedAccessException => cause.Message,
            _ => $"{cause.GetType().Name}: {cause.Message}",
        };
        return string.Join(' ', line.Split(['\r', '\n'], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries));
    }

    private static string ProgramName => ServiceIdentity.ToResourceName(Assembly.GetEntryAssembly()?.GetName().Name ?? "this service");

    private static Exception RootOf(Exception exception) => exception switch
    {
        AggregateException { InnerExceptions: [var first, ..] } => RootOf(first),
        TargetInvocationException { InnerException: { } inner } => RootOf(inner),
        // The container and the host wrap what a factory threw.
        InvalidOperationException { InnerException: (StartupException or OptionsValidationException) and { } inner } => inner,
        _ => exception,
    };

    private static IEnumerable<string> AddressesOf(WebApplication app) =>
        app.Services.GetService<IServer>()?.Features.Get<IServerAddressesFeature>()?.Addresses ?? [];

    private static async Task EndQuietlyAsync(WebApplication? app)
    {
        try
        {
            if (app is not null)
            {
                // What had started already may hold something to hand back.
                await app.StopAsync();
                await app.DisposeAsync();
            }
        }
#pragma warning disable CA1031 // The reason is told already; what a half-started host says on its way out would hide it.
        catch (Exception)
#pragma warning restore CA1031
        {
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Up at {Addresses} ({Environment})")]
    private static partial void Started(ILogger logger, string addresses, string environment);

    [LoggerMessage(Level = LogLevel.Error, Message = "It did not stop as it should")]
    private static partial void NotStopped(ILogger logger, Exception exception);
}
