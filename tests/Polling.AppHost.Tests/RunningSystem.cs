namespace Polling.AppHost.Tests;

/// <summary>The whole system, composed by AppHost.cs and booted on ports and folders of its own, once for all tests that only look at it.</summary>
public sealed class RunningSystem : IAsyncLifetime
{
    public static readonly TimeSpan StartPatience = TimeSpan.FromMinutes(2);
    private readonly TemporaryFolder _folder = new();
    private DistributedApplication? _application;

    public DistributedApplication Application => _application ?? throw new InvalidOperationException("it has not been started");

    public string LogDirectory => _folder.File("logs");

    public async ValueTask InitializeAsync()
    {
        using var patience = new CancellationTokenSource(StartPatience);
        var options = SystemProcess.Options(_folder);
        options["Polling:DemoCards"] = "1000";
        var builder = await DistributedApplicationTestingBuilder.CreateAsync<Projects.Polling_AppHost>(
            [.. options.Select(option => $"--{option.Key}={option.Value}")], patience.Token);
        _application = await builder.BuildAsync(patience.Token);
        await _application.StartAsync(patience.Token);
        await _application.ResourceNotifications.WaitForResourceHealthyAsync("executor", patience.Token);
    }

    public async ValueTask DisposeAsync()
    {
        if (_application is not null)
        {
            await _application.StopAsync();
            await _application.DisposeAsync();
        }

        _folder.Dispose();
    }
}
