using System.Reflection;

namespace Polling.AppHost.AspireFallback;

/// <summary>
/// Lets a test have the system that AppHost.cs composes: runs the entry point, and takes the application over at its
/// <c>Build()</c>.
/// </summary>
internal sealed class TestingHook
{
    private static readonly AsyncLocal<TestingHook?> Ambient = new();
    private readonly TaskCompletionSource<DistributedApplication> _built = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>The hook of the test that this flow of control belongs to, if any.</summary>
    public static TestingHook? Current => Ambient.Value;

    /// <summary>Runs the entry point until it has built the application.</summary>
    /// <exception cref="InvalidOperationException">It ended before.</exception>
    public static async Task<DistributedApplication> RunAsync(Assembly appHost, string[] args, CancellationToken cancellationToken)
    {
        var hook = new TestingHook();
        var entryPoint = appHost.EntryPoint ?? throw new ArgumentException($"{appHost} has no entry point", nameof(appHost));
        var ended = Task.Factory.StartNew(
            () =>
            {
                Ambient.Value = hook;
                return entryPoint.Invoke(null, [args]);
            },
            cancellationToken,
            TaskCreationOptions.LongRunning,
            TaskScheduler.Default);
        return await Task.WhenAny(hook._built.Task, ended).WaitAsync(cancellationToken) == ended
            ? throw new InvalidOperationException($"the AppHost ended with {await ended} before it built the application")
            : await hook._built.Task;
    }

    public void Built(DistributedApplication application) => _built.TrySetResult(application);
}
