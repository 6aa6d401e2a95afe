using Microsoft.Extensions.Configuration;
using StackExchange.Redis;
using StackExchange.Redis.Configuration;

namespace Polling.ServiceDefaults;

/// <summary>
/// The project's Redis client settings, for <c>builder.AddRedisClient("redis", configureOptions: PollingRedisOptions.Of(builder.Configuration))</c>.
/// They are defaults: what the connection string says goes first.
/// </summary>
public static class PollingRedisOptions
{
    /// <summary>How long a command may take before the caller gets a timeout; the client looks once a second.</summary>
    public static readonly TimeSpan CommandTimeout = TimeSpan.FromMilliseconds(1500);

    /// <summary>How long one attempt to connect may take.</summary>
    public static readonly TimeSpan ConnectTimeout = TimeSpan.FromMilliseconds(2000);

    /// <summary>Applies the defaults, and whose certificates are trusted; used with Aspire's client package and with our own registration alike.</summary>
    public static Action<ConfigurationOptions> Of(IConfiguration configuration) => options =>
    {
        ApplyDefaults(options);
        new RedisTrust(configuration).Apply(options);
    };

    internal static void ApplyDefaults(ConfigurationOptions options)
    {
        if (options.Defaults is AzureOptionsProvider)
        {
            // A managed service brings defaults of its own (TLS, server version); only what correctness needs is added.
            options.BacklogPolicy = BacklogPolicy.FailFast;
            options.AbortOnConnectFail = false;
            return;
        }

        options.Defaults = new Provider();
    }

    private sealed class Provider : DefaultOptionsProvider
    {
        /// <summary>A Redis that is late must not keep a process from starting; it reconnects by itself.</summary>
        public override bool AbortOnConnectFail => false;

        /// <summary>
        /// Commands of a broken connection fail at once instead of waiting: a claim that runs seconds later would
        /// hand out leases nobody waits for.
        /// </summary>
        public override BacklogPolicy BacklogPolicy => BacklogPolicy.FailFast;

        /// <summary>The client's own key and channel are none of the system's names, so its user has no right to them; neither Sentinel nor a cluster needs them.</summary>
        public override string TieBreaker => "";

        public override string ConfigurationChannel => "";

        /// <summary>Also the default of the asynchronous timeout.</summary>
        public override TimeSpan SyncTimeout => CommandTimeout;

        public override TimeSpan? ConnectTimeout => PollingRedisOptions.ConnectTimeout;

        public override TimeSpan KeepAliveInterval => TimeSpan.FromSeconds(10);

        public override IReconnectRetryPolicy? ReconnectRetryPolicy => new LinearRetry(500);
    }
}
