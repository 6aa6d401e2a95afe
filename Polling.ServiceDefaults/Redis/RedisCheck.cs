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
internal sealed partial class RedisCheck(
    IConnectionMultiplexer redis, IConfiguration configuration, IHostApplicationLifetime lifetime, ILogger<RedisCheck> logger) : BackgroundService, IHostedLifecycleService
{
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(2);

    /// <exception cref="StartupException">Redis refuses; the message says what to change.</exception>
    public async Task StartingAsync(CancellationToken cancellationToken)
    {
        if (await FindRefusalAsync(cancellationToken) is { } refusal)
        {
            throw new StartupException(refusal);
        }
    }

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Every);
        while (!redis.IsConnected && await timer.WaitForNextTickAsync(stoppingToken))
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

    // The client that is to be used does not tell why it has no connection; another one, which gives up, does.
    private async Task<string?> FindRefusalAsync(CancellationToken cancellationToken)
    {
        if (redis.IsConnected)
        {
            return null;
        }

        var options = ConfigurationOptions.Parse(NamedConnection.Find(configuration, "redis", "Aspire:StackExchange:Redis").Value!);
        var trust = new RedisTrust(configuration);
        PollingRedisOptions.ApplyDefaults(options);
        trust.Apply(options);
        (options.AbortOnConnectFail, options.ConnectRetry) = (true, 1);
        try
        {
            await using var trial = await ConnectionMultiplexer.ConnectAsync(options);
            return null;
        }
        catch (RedisConnectionException exception)
        {
            return await ExplainAsync(exception, options, trust, cancellationToken);
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
                $"{where} refuses user and password ({exception.InnerException?.Message ?? exception.Message}): set user=…,password=… in ConnectionStrings:redis",
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
        builder.Services.AddHostedService<RedisCheck>();
    }
}
