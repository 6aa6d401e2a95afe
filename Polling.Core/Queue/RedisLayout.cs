using Microsoft.Extensions.Configuration;

namespace Polling.Core.Queue;

/// <summary>The setting that says how Redis' key names are laid out. All processes of a system have the same.</summary>
public static class RedisLayout
{
    /// <summary>The setting.</summary>
    public const string Setting = "Polling:Redis:Layout";

    private const string Single = "Single";
    private const string Cluster = "Cluster";

    /// <summary>The layout that a configuration asks for; without the setting, the contract's names.</summary>
    /// <exception cref="InvalidOperationException">The setting is neither Single nor Cluster.</exception>
    public static KeyLayout Of(IConfiguration? configuration) => configuration?[Setting] switch
    {
        null or "" => KeyLayout.Contract,
        var text when text.Equals(Single, StringComparison.OrdinalIgnoreCase) => KeyLayout.Contract,
        var text when text.Equals(Cluster, StringComparison.OrdinalIgnoreCase) => KeyLayout.Cluster,
        var text => throw new InvalidOperationException(
            $"{Setting} is '{text}'; it must be {Single} (one Redis, with or without replicas and Sentinel) or {Cluster} (a Redis Cluster)."),
    };

    /// <summary>Why a layout does not fit a server, and what to change; null = it fits.</summary>
    public static string? Problem(KeyLayout layout, bool isCluster) => (layout, isCluster) switch
    {
        (KeyLayout.Contract, true) => $"Redis is a cluster (cluster_enabled:1), but {Setting} is {Single}; set it to {Cluster} for every service.",
        (KeyLayout.Cluster, false) => $"{Setting} is {Cluster}, but Redis is no cluster (cluster_enabled:0); set it to {Single}, or leave it out, for every service.",
        _ => null,
    };
}
