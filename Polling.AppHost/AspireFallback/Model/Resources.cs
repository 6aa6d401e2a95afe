namespace Polling.AppHost.AspireFallback;

/// <summary>Something that the system is made of.</summary>
public interface IResource
{
    /// <summary>Its name: unique, and what others know it by.</summary>
    string Name { get; }
}

/// <summary>A resource that others reach by a connection string.</summary>
public interface IResourceWithConnectionString : IResource
{
    /// <summary>The connection string, for clients on this machine.</summary>
    ValueTask<string?> GetConnectionStringAsync(CancellationToken cancellationToken = default);

    /// <summary>The connection string for the other services of a published system; secrets are placeholders.</summary>
    internal string Published(PublishedValues values);
}

/// <summary>A resource that others reach by its name over HTTP.</summary>
public interface IResourceWithServiceDiscovery : IResource;

/// <summary>A value that is given at the start; in what is published, a placeholder for it.</summary>
public sealed record ParameterResource(string Name, string? Value, bool PublishValueAsDefault, bool Secret) : IResource;

/// <summary>A server of somebody else's, known by its connection string.</summary>
public sealed record ConnectionStringResource(string Name, string ConnectionString) : IResourceWithConnectionString
{
    /// <inheritdoc />
    public ValueTask<string?> GetConnectionStringAsync(CancellationToken cancellationToken = default) => new(ConnectionString);

    // Whoever publishes may not be who runs it: the address is entered where it is run, with its password.
    string IResourceWithConnectionString.Published(PublishedValues values) => values.Placeholder(Name, null, $"Connection string of {Name}: a secret");
}

/// <summary>A project of the solution, and where its build is.</summary>
public interface IProjectMetadata
{
    /// <summary>The absolute path of the project file.</summary>
    string ProjectPath { get; }

    /// <summary>The absolute path of the assembly that its build made.</summary>
    string AssemblyPath { get; }
}
