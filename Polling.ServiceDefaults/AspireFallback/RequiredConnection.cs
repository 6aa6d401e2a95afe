using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Npgsql;
using StackExchange.Redis;

namespace Polling.ServiceDefaults;

/// <summary>
/// A connection string the service cannot do without. It is checked when the host starts, not when services are registered, so that
/// tools may build the host without one. Its value is never repeated in a message: it holds a password.
/// </summary>
internal sealed record RequiredConnection(string Name, string? Value, string Example, Func<string, string?> Problem)
{
    public static RequiredConnection Redis(string name, string? value) => new(name, value, "localhost:6379", static text =>
    {
        try
        {
            return ConfigurationOptions.Parse(text).EndPoints.Count == 0 ? "it names no host" : null;
        }
        catch (ArgumentException exception)
        {
            return exception.Message;
        }
    });

    public static RequiredConnection Postgres(string name, string? value) =>
        new(name, value, "Host=localhost;Username=polling;Password=…;Database=polling", static text =>
        {
            try
            {
                return string.IsNullOrEmpty(new NpgsqlConnectionStringBuilder(text).Host) ? "it names no Host" : null;
            }
            catch (Exception exception) when (exception is ArgumentException or FormatException)
            {
                return exception.Message;
            }
        });

    /// <summary>The connection string.</summary>
    /// <exception cref="StartupException">It is missing or cannot be understood.</exception>
    public string Require()
    {
        if (string.IsNullOrWhiteSpace(Value))
        {
            throw new StartupException($"ConnectionStrings:{Name} is missing; set ConnectionStrings__{Name}, for example \"{Example}\"");
        }

        return Problem(Value) is { } problem
            ? throw new StartupException($"ConnectionStrings:{Name} cannot be used: {problem.TrimEnd('.')}; an example of a right one: \"{Example}\"")
            : Value;
    }

    /// <summary>Has the host check the connection string before anything else starts.</summary>
    public void CheckAtStart(IServiceCollection services) =>
        services.Insert(0, ServiceDescriptor.Singleton<IHostedService>(new Check(this)));

    /// <summary>Reads settings as Aspire does: the section, the section's part for this connection, the connection string.</summary>
    public static TSettings Bind<TSettings>(IHostApplicationBuilder builder, string section, string connectionName)
        where TSettings : new()
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentException.ThrowIfNullOrEmpty(connectionName);
        var settings = new TSettings();
        builder.Configuration.GetSection(section).Bind(settings);
        builder.Configuration.GetSection(section).GetSection(connectionName).Bind(settings);
        return settings;
    }

    private sealed class Check(RequiredConnection connection) : IHostedLifecycleService
    {
        public Task StartingAsync(CancellationToken cancellationToken)
        {
            connection.Require();
            return Task.CompletedTask;
        }

        public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
