using Polling.Core.Configuration;

namespace Polling.Executor.Claims;

/// <summary>The claim loop of each task type. They stop side by side: one after the other, each would wait for its own running calls.</summary>
internal sealed class ClaimLoops(IServiceProvider services) : IHostedService, IDisposable
{
    private readonly ClaimLoop[] _loops = [.. TaskTypes.Polled.Select(type => ActivatorUtilities.CreateInstance<ClaimLoop>(services, type))];

    public Task StartAsync(CancellationToken cancellationToken) => Task.WhenAll(_loops.Select(loop => loop.StartAsync(cancellationToken)));

    public Task StopAsync(CancellationToken cancellationToken) => Task.WhenAll(_loops.Select(loop => loop.StopAsync(cancellationToken)));

    public void Dispose()
    {
        foreach (var loop in _loops)
        {
            loop.Dispose();
        }
    }
}
