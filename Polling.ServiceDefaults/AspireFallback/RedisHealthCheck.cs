using Microsoft.Extensions.Diagnostics.HealthChecks;
using StackExchange.Redis;

namespace Polling.ServiceDefaults;

/// <summary>
/// Pings Redis over a multiplexer of its own: a ping behind thousands of queued commands would report load as an outage. It connects
/// when first asked and keeps trying by itself. A Redis Cluster must serve all of its keys, too.
/// </summary>
internal sealed class RedisHealthCheck(ConfigurationOptions options) : IHealthCheck, IAsyncDisposable
{
    private readonly SemaphoreSlim _connecting = new(1, 1);
    private ConnectionMultiplexer? _redis;

    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        try
        {
            var redis = await ConnectedAsync(cancellationToken);
            await redis.GetDatabase().PingAsync().WaitAsync(cancellationToken);
            return await IsWholeAsync(redis, cancellationToken)
                ? HealthCheckResult.Healthy()
                : new HealthCheckResult(context.Registration.FailureStatus, "The Redis Cluster does not serve all of its keys (CLUSTER INFO: cluster_state is not ok)");
        }
        catch (Exception exception) when (exception is RedisException or TimeoutException or OperationCanceledException)
        {
            var where = string.Join(", ", options.EndPoints.Select(EndPointCollection.ToString));
            return new HealthCheckResult(context.Registration.FailureStatus, $"Redis at {where} does not answer ({exception.GetType().Name})");
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_redis is not null)
        {
            await _redis.DisposeAsync();
        }

        _connecting.Dispose();
    }

    // What is no cluster is whole.
    private static async Task<bool> IsWholeAsync(ConnectionMultiplexer redis, CancellationToken cancellationToken)
    {
        var node = Array.Find(redis.GetServers(), server => server is { IsConnected: true, ServerType: ServerType.Cluster });
        return node is null
            || ((string?)await node.ExecuteAsync("CLUSTER", "INFO").WaitAsync(cancellationToken))?.Contains("cluster_state:ok", StringComparison.Ordinal) == true;
    }

    private async ValueTask<ConnectionMultiplexer> ConnectedAsync(CancellationToken cancellationToken)
    {
        if (_redis is { } connected)
        {
            return connected;
        }

        await _connecting.WaitAsync(cancellationToken);
        try
        {
            if (_redis is null)
            {
                var own = options.Clone();
                own.AbortOnConnectFail = false;
                own.ClientName = $"{options.ClientName ?? options.Defaults.ClientName}-health";
                _redis = await ConnectionMultiplexer.ConnectAsync(own);
            }

            return _redis;
        }
        finally
        {
            _connecting.Release();
        }
    }
}
