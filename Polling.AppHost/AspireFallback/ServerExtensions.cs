namespace Polling.AppHost.AspireFallback;

/// <summary>Servers: the names and parameters are those of Aspire.Hosting, the servers are processes of this machine.</summary>
public static class ServerExtensions
{
    /// <summary>Adds a value; what is published has a placeholder in its place.</summary>
    public static IResourceBuilder<ParameterResource> AddParameter(
        this IDistributedApplicationBuilder builder, string name, string value, bool publishValueAsDefault = false, bool secret = false) =>
        new ResourceBuilder<ParameterResource>(builder, new ParameterResource(name, value, publishValueAsDefault, secret));

    /// <summary>Adds a value that the operator gives to what is published.</summary>
    public static IResourceBuilder<ParameterResource> AddParameter(this IDistributedApplicationBuilder builder, string name, bool secret = false) =>
        new ResourceBuilder<ParameterResource>(builder, new ParameterResource(name, null, PublishValueAsDefault: false, secret));

    /// <summary>Adds a server of somebody else's, by the configuration's connection string of that name.</summary>
    public static IResourceBuilder<IResourceWithConnectionString> AddConnectionString(this IDistributedApplicationBuilder builder, string name)
    {
        var options = ((DistributedApplicationBuilder)builder).Options;
        var value = name == "redis" ? options.RedisConnectionString : options.DatabaseConnectionString;
        return ((DistributedApplicationBuilder)builder).Add(new ConnectionStringResource(
            name, value ?? throw new InvalidOperationException($"there is no connection string '{name}'")));
    }

    /// <summary>Adds a Redis. On this machine it has no password and no TLS.</summary>
    public static IResourceBuilder<RedisResource> AddRedis(this IDistributedApplicationBuilder builder, string name, int? port = null)
    {
        var own = (DistributedApplicationBuilder)builder;
        return own.Add(new RedisResource(name, port ?? own.Options.RedisPort, own.Options.DataDirectory));
    }

    /// <summary>Says that there is to be no password, as is the case on this machine, or which one in what is published.</summary>
    public static IResourceBuilder<RedisResource> WithPassword(
        this IResourceBuilder<RedisResource> builder, IResourceBuilder<ParameterResource>? password)
    {
        if (password is not null && builder.ApplicationBuilder.ExecutionContext.IsRunMode)
        {
            throw new NotSupportedException("a local Redis has no password");
        }

        builder.Resource.Password = password?.Resource;
        return builder;
    }

    /// <summary>Says that there is to be no TLS, as is the case.</summary>
    public static IResourceBuilder<RedisResource> WithoutHttpsCertificate(this IResourceBuilder<RedisResource> builder) => builder;

    /// <summary>Says that data is to outlive a run, as is the case; the volume of what is published has that name anyway.</summary>
    public static IResourceBuilder<RedisResource> WithDataVolume(this IResourceBuilder<RedisResource> builder, string? name = null) => builder;

    /// <summary>Adds a PostgreSQL. The user and password must both be <c>polling</c>.</summary>
    public static IResourceBuilder<PostgresServerResource> AddPostgres(
        this IDistributedApplicationBuilder builder,
        string name,
        IResourceBuilder<ParameterResource> userName,
        IResourceBuilder<ParameterResource> password,
        int? port = null)
    {
        if (builder.ExecutionContext.IsRunMode
            && (userName.Resource.Value != LocalServers.PostgresCluster.Name || password.Resource.Value != LocalServers.PostgresCluster.Name))
        {
            throw new NotSupportedException($"a local PostgreSQL has the user and password '{LocalServers.PostgresCluster.Name}'");
        }

        var own = (DistributedApplicationBuilder)builder;
        return own.Add(new PostgresServerResource(name, userName.Resource, password.Resource, port ?? own.Options.PostgresPort, own.Options.DataDirectory));
    }

    /// <summary>Says that data is to outlive a run, as is the case; the volume of what is published has that name anyway.</summary>
    public static IResourceBuilder<PostgresServerResource> WithDataVolume(this IResourceBuilder<PostgresServerResource> builder, string? name = null) => builder;

    /// <summary>Adds the server's database, which must be called <c>polling</c>.</summary>
    public static IResourceBuilder<PostgresDatabaseResource> AddDatabase(this IResourceBuilder<PostgresServerResource> builder, string name) =>
        name == LocalServers.PostgresCluster.Name
            ? ((DistributedApplicationBuilder)builder.ApplicationBuilder).Add(new PostgresDatabaseResource(name, builder.Resource))
            : throw new NotSupportedException($"a local PostgreSQL has the database '{LocalServers.PostgresCluster.Name}'");
}
