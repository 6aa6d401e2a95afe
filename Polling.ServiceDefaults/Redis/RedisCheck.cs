using System.Net;
using System.Net.Sockets;
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
            { InnerException: AuthenticationException or IOException } when options.Ssl =>
                $"{where} does not speak TLS as it should ({exception.InnerException!.Message}): name its TLS port in ConnectionStrings:redis, or leave ssl=true out",
            { FailureType: ConnectionFailureType.AuthenticationFailure } =>
                $"{where} refuses user and password ({(exception.InnerException ?? exception).Message.Replace("Error: ", "", StringComparison.Ordinal).TrimEnd('.')}): "
                + "set user=…,password=… in ConnectionStrings:redis",
            _ when !options.Ssl && options.EndPoints[0] is (DnsEndPoint or IPEndPoint) && await HangsUpAsync(options.EndPoints[0], cancellationToken) =>
                $"{where} hangs up on plain text, as a port for TLS does: add ssl=true to ConnectionStrings:redis, or name another port",
            _ => null,
        };
    }

    // Whether it takes a connection and answers a plain question with nothing that Redis could say.
    private static async Task<bool> HangsUpAsync(EndPoint end, CancellationToken cancellationToken)
    {
        using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(PollingRedisOptions.ConnectTimeout);
        try
        {
            await socket.ConnectAsync(end, patience.Token);
        }
        catch (Exception exception) when (exception is SocketException or OperationCanceledException)
        {
            return false;
        }

        try
        {
            await socket.SendAsync("PING\r\n"u8.ToArray(), patience.Token);
            var answer = new byte[1];
            return await socket.ReceiveAsync(answer, patience.Token) == 0 || answer[0] is not ((byte)'+' or (byte)'-');
        }
        catch (SocketException)
        {
            return true;
        }
        catch (OperationCanceledException)
        {
            return false;
        }
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
