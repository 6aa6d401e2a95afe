namespace Polling.AppHost.AspireFallback;

/// <summary>Services: the names and parameters are those of Aspire.Hosting.</summary>
public static class ProjectExtensions
{
    /// <summary>Adds a project of the solution. Launch profiles are not read.</summary>
    public static IResourceBuilder<ProjectResource> AddProject<TProject>(
        this IDistributedApplicationBuilder builder, string name, string? launchProfileName)
        where TProject : IProjectMetadata, new()
    {
        var own = (DistributedApplicationBuilder)builder;
        return own.Add(new ProjectResource(name, new TProject()) { OtlpEndpoint = own.Dashboard?.OtlpEndpoint });
    }

    /// <summary>Gives it an HTTP address: <c>http</c>, on the given port or a free one; in what is published it listens on the target port.</summary>
    public static IResourceBuilder<ProjectResource> WithHttpEndpoint(
        this IResourceBuilder<ProjectResource> builder, int? port = null, int? targetPort = null, bool? isProxied = null)
    {
        builder.Resource.FixedPort = port;
        builder.Resource.TargetPort = targetPort ?? port;
        return builder;
    }

    /// <summary>Says that it does not believe what headers tell of the caller, as is the case.</summary>
    public static IResourceBuilder<ProjectResource> DisableForwardedHeaders(this IResourceBuilder<ProjectResource> builder) => builder;

    /// <summary>Says that it is for others than the system's own parts too.</summary>
    public static IResourceBuilder<ProjectResource> WithExternalHttpEndpoints(this IResourceBuilder<ProjectResource> builder)
    {
        builder.Resource.IsExternal = true;
        return builder;
    }

    /// <summary>It is ready when this path answers with success.</summary>
    public static IResourceBuilder<ProjectResource> WithHttpHealthCheck(this IResourceBuilder<ProjectResource> builder, string path)
    {
        builder.Resource.HealthPath = path;
        return builder;
    }

    /// <summary>Runs it several times.</summary>
    public static IResourceBuilder<ProjectResource> WithReplicas(this IResourceBuilder<ProjectResource> builder, int replicas)
    {
        builder.Resource.Replicas = replicas;
        return builder;
    }

    /// <summary>Sets a variable of its environment.</summary>
    public static IResourceBuilder<ProjectResource> WithEnvironment(
        this IResourceBuilder<ProjectResource> builder, string name, string? value)
    {
        builder.Resource.Environment.Add(environment =>
        {
            environment[name] = value;
            return ValueTask.CompletedTask;
        });
        builder.Resource.PublishedEnvironment.Add((environment, _) => environment[name] = PublishedValues.Literal(value ?? ""));
        return builder;
    }

    /// <summary>Gives it a server's connection string: <c>ConnectionStrings__NAME</c>.</summary>
    public static IResourceBuilder<ProjectResource> WithReference(
        this IResourceBuilder<ProjectResource> builder, IResourceBuilder<IResourceWithConnectionString> source)
    {
        builder.Resource.Environment.Add(async environment =>
            environment[$"ConnectionStrings__{source.Resource.Name}"] = await source.Resource.GetConnectionStringAsync());
        builder.Resource.PublishedEnvironment.Add((environment, values) =>
            environment[$"ConnectionStrings__{source.Resource.Name}"] = source.Resource.Published(values));
        return builder;
    }

    /// <summary>Gives it a service's addresses: <c>services__NAME__http__0</c> and so on, and <c>NAME_HTTP</c>.</summary>
    public static IResourceBuilder<ProjectResource> WithReference(
        this IResourceBuilder<ProjectResource> builder, IResourceBuilder<IResourceWithServiceDiscovery> source)
    {
        var service = (ProjectResource)source.Resource;
        builder.Resource.Environment.Add(environment =>
        {
            for (var replica = 0; replica < service.Replicas; replica++)
            {
                environment[$"services__{service.Name}__http__{replica}"] = service.Url(replica);
            }

            environment[$"{service.Name.ToUpperInvariant().Replace('-', '_')}_HTTP"] = service.Url(0);
            return ValueTask.CompletedTask;
        });
        return builder;
    }

    /// <summary>It starts once the other is healthy.</summary>
    public static IResourceBuilder<ProjectResource> WaitFor(this IResourceBuilder<ProjectResource> builder, IResourceBuilder<IResource> dependency)
    {
        builder.Resource.Waits.Add(dependency.Resource);
        return builder;
    }
}
