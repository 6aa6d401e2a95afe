using System.Security.Authentication;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Polling.ServiceDefaults.Production;
using StackExchange.Redis;

namespace Polling.ServiceDefaults;

/// <summary>
/// Ends the process when Redis answers and refuses it, or shows a certificate that is not trusted: the client would try again for ever, and waiting mends
/// neither. A Redis that is away is looked at again until it is there.
/// </summary>
internal sealed partial class RedisCheck(IConfiguration configuration, IHostApplicationLifetime lifetime, ILogger<RedisCheck> logger)
    : BackgroundService, IStartupCheck
{
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(2);
    private bool _isAway = true;

    /// <exception cref="StartupException">Redis refuses; the message says what to change.</exception>
    public async Task CheckAsync()
    {
        if (await FindRefusalAsync(CancellationToken.None) is { } refusal)
        {
            throw new StartupException(refusal);
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Every);
        while (_isAway && await timer.WaitForNextTickAsync(stoppingToken))
        {
            if (await FindRefusalAsync(stoppingToken) is { } refusal)
            {
                LogRefused(logger, refusal);
                Environment.ExitCode = StartupGuard.Failed;
                lifetime.StopApplication();
                return;
            }
        }
    }

    // By a client of its own, which gives up and tells why: the one that the service uses does not.
    private async Task<string?> FindRefusalAsync(CancellationToken cancellationToken)
    {
        if (Parse() is not { } options)
        {
            _isAway = false;
            return null;
        }

        var trust = new RedisTrust(configuration);
        PollingRedisOptions.ApplyDefaults(options);
        trust.Apply(options);
        (options.AbortOnConnectFail, options.ConnectRetry) = (true, 1);
        try
        {
            await using var trial = await ConnectionMultiplexer.ConnectAsync(options);
            _isAway = false;
            return null;
        }
        catch (RedisConnectionException exception)
        {
            return await ExplainAsync(exception, options, trust, cancellationToken);
        }
    }

    // One that is missing or wrong is another's to report.
    private ConfigurationOptions? Parse()
    {
        try
        {
            return NamedConnection.Find(configuration, "redis", "Aspire:StackExchange:Redis").Value is { Length: > 0 } text
                && ConfigurationOptions.Parse(text) is { EndPoints.Count: > 0 } options ? options : null;
        }
        catch (ArgumentException)
        {
            return null;
        }
    }

    private static async Task<string?> ExplainAsync(
        RedisConnectionException exception, ConfigurationOptions options, RedisTrust trust, CancellationToken cancellationToken)
    {
        var where = $"Redis at {string.Join(", ", options.EndPoints.Select(EndPointCollection.ToString))}";
        return exception switch
        {
            _ when trust.Refusal is { } refusal => $"the certificate of {where} is not accepted: {refusal}",
            { InnerException: AuthenticationException handshake } =>
                $"{where} does not speak TLS as this service does ({handshake.Message.TrimEnd('.')}): name another port in ConnectionStrings:redis, or set sslProtocols",
            { FailureType: ConnectionFailureType.AuthenticationFailure } =>
                $"{where} refuses user and password ({(exception.InnerException ?? exception).Message.Replace("Error: ", "", StringComparison.Ordinal).TrimEnd('.')}): "
                + "set user=…,password=… in ConnectionStrings:redis",
            _ when options.Ssl && await RedisProbe.SpeaksPlainlyAsync(options.EndPoints[0], cancellationToken) =>
                $"{where} answers in plain text: name its port for TLS in ConnectionStrings:redis, or leave ssl=true out",
            _ when !options.Ssl && await RedisProbe.SpeaksTlsAsync(options.EndPoints[0], cancellationToken) =>
                $"{where} speaks TLS: add ssl=true to ConnectionStrings:redis, or name another port",
            _ => null,
        };
    }

    [LoggerMessage(Level = LogLevel.Critical, Message = "This service ends: {Refusal}")]
    private static partial void LogRefused(ILogger logger, string refusal);
}

/// <summary>Registers <see cref="RedisCheck"/>.</summary>
public static class RedisCheckExtensions
{
    /// <summary>Has the service say in one line why Redis refuses it, and end; for the connection <c>redis</c>.</summary>
    public static void AddRedisCheck(this IHostApplicationBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        builder.Services.AddSingleton<RedisCheck>()
            .AddSingleton<IStartupCheck>(services => services.GetRequiredService<RedisCheck>())
            .AddHostedService(services => services.GetRequiredService<RedisCheck>());
    }
}
