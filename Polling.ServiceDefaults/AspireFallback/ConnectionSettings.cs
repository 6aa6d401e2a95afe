namespace Polling.ServiceDefaults;

/// <summary>Settings of <see cref="RedisClientExtensions.AddRedisClient"/>, section <c>Aspire:StackExchange:Redis</c>.</summary>
public sealed class StackExchangeRedisSettings
{
    /// <summary>Default: <c>ConnectionStrings:{connectionName}</c>.</summary>
    public string? ConnectionString { get; set; }

    public bool DisableHealthChecks { get; set; }
}

/// <summary>Settings of <see cref="NpgsqlClientExtensions.AddNpgsqlDataSource"/>, section <c>Aspire:Npgsql</c>.</summary>
public sealed class NpgsqlSettings
{
    /// <summary>Default: <c>ConnectionStrings:{connectionName}</c>.</summary>
    public string? ConnectionString { get; set; }

    public bool DisableHealthChecks { get; set; }
}

/// <summary>
/// Settings of <see cref="NpgsqlClientExtensions.AddNpgsqlDbContext{TContext}"/>, section <c>Aspire:Npgsql:EntityFrameworkCore:PostgreSQL</c>.
/// </summary>
public sealed class NpgsqlEntityFrameworkCorePostgreSQLSettings
{
    /// <summary>Default: <c>ConnectionStrings:{connectionName}</c>.</summary>
    public string? ConnectionString { get; set; }

    public bool DisableHealthChecks { get; set; }

    /// <summary>Set it where the code opens transactions of its own: retries need the whole unit of work.</summary>
    public bool DisableRetry { get; set; }

    /// <summary>In seconds; default: the driver's 30.</summary>
    public int? CommandTimeout { get; set; }
}
