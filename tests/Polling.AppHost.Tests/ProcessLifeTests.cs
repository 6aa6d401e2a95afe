namespace Polling.AppHost.Tests;

/// <summary>The whole system as processes: it comes up, stands the death of its parts, and goes as a whole.</summary>
public sealed class ProcessLifeTests : IDisposable
{
    private static readonly TimeSpan StartPatience = TimeSpan.FromSeconds(60);

    private static readonly TimeSpan StopPatience = TimeSpan.FromSeconds(10);
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_part_that_is_killed_is_reported_and_started_again_and_SIGTERM_stops_everything_within_ten_seconds()
    {
        await using var system = await StartAsync(SystemProcess.Options(_folder));
        foreach (var (commandLine, name) in new[] { ("Polling.MockGateway.dll", "mock-gateway"), ("redis-server", "redis"), ("postgres -D", "postgres") })
        {
            SystemProcess.Kill(Pids(commandLine)[0], SystemProcess.SigKill);

            Assert.Contains(name, await system.ReadToAsync("ended with code 137", StopPatience), StringComparison.Ordinal);
            Assert.Contains(name, await system.ReadToAsync("up again", StartPatience), StringComparison.Ordinal);
        }

        system.Signal(SystemProcess.SigTerm);

        Assert.Equal(0, await system.ExitAsync(StopPatience));
        Assert.Empty(Leftovers.Of(_folder.Path));
        Assert.Contains("Everything is stopped.", system.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task After_kill_9_a_start_at_once_works_and_everything_is_gone_within_ten_seconds_also_when_the_watchdog_was_killed_before()
    {
        var options = SystemProcess.Options(_folder);
        await using var system = await StartAsync(options);
        Assert.True(Leftovers.Of(_folder.Path).Count > 6, "the search for processes finds too few");
        system.Signal(SystemProcess.SigKill);

        await using var again = await StartAsync(options);
        var first = Assert.Single(Pids("internal-watch"));
        SystemProcess.Kill(first, SystemProcess.SigKill);
        await Condition.HoldsAsync(() => Pids("internal-watch") is [var other] && other != first, StopPatience);

        again.Signal(SystemProcess.SigKill);

        Assert.Empty(await Leftovers.WaitUntilGoneAsync(_folder.Path, StopPatience));
    }

    private int[] Pids(string commandLine) =>
        [.. Leftovers.Of(_folder.Path).Where(process => process.CommandLine.Contains(commandLine, StringComparison.Ordinal)).Select(process => process.Pid)];

    private Task<SystemProcess> StartAsync(Dictionary<string, string> options) => SystemProcess.StartUpAsync(_folder, options);
}
