namespace Polling.AppHost.Tests.AspireFallback;

/// <summary>Boots the system that an AppHost composes, for a test: the names are those of Aspire.Hosting.Testing.</summary>
internal static class DistributedApplicationTestingBuilder
{
    /// <summary>Runs the AppHost's composition.</summary>
    public static async Task<TestingBuilder> CreateAsync<TEntryPoint>(string[] args, CancellationToken cancellationToken = default)
        where TEntryPoint : class =>
        new(await TestingHook.RunAsync(typeof(TEntryPoint).Assembly, args, cancellationToken));
}

/// <summary>A composition that is ready to be built.</summary>
internal sealed class TestingBuilder(DistributedApplication application) : IAsyncDisposable
{
    public Task<DistributedApplication> BuildAsync(CancellationToken cancellationToken = default) =>
        Task.FromResult(application).WaitAsync(cancellationToken);

    public ValueTask DisposeAsync() => application.DisposeAsync();
}

internal static class DistributedApplicationExtensions
{
    /// <summary>A client whose base address is a service's.</summary>
    public static HttpClient CreateHttpClient(this DistributedApplication application, string resourceName) =>
        new() { BaseAddress = new Uri(application.Resource<ProjectResource>(resourceName).Url(0)) };

    /// <summary>The connection string of a server.</summary>
    public static ValueTask<string?> GetConnectionStringAsync(
        this DistributedApplication application, string resourceName, CancellationToken cancellationToken = default) =>
        application.Resource<IResourceWithConnectionString>(resourceName).GetConnectionStringAsync(cancellationToken);
}
