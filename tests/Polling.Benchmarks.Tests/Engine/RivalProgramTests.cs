using Polling.Benchmarks.Engine;
using Polling.Benchmarks.Engine.Recurring;

namespace Polling.Benchmarks.Tests.Engine;

public class RivalProgramTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task Its_runs_are_the_lines_of_JSON_among_what_it_prints()
    {
        using var program = new RivalProgram();
        var runs = RivalRun.Read(await program.RunAsync(Patience, "sh", "-c",
            """echo registered; echo '{"version":"1.0","settings":"some","entities":5,"jobsPerSecond":2.5,"askedPerSecond":10,"overdue":3}'"""));
        Assert.Equal([new RivalRun("1.0", "some", 5, 2.5, 10, 3)], runs);
    }

    [Theory]
    [InlineData("no-such-program", "", "no-such-program is not on this machine")]
    [InlineData("sh", "echo feed unreachable >&2; exit 3", "sh -c failed: feed unreachable")]
    [InlineData("sh", "exec sleep 60", "sh -c took longer than 1 s")]
    public async Task What_is_missing_or_fails_or_hangs_is_told(string name, string script, string message)
    {
        using var program = new RivalProgram();
        var error = await Assert.ThrowsAsync<InvalidOperationException>(
            () => program.RunAsync(script.Contains("sleep", StringComparison.Ordinal) ? TimeSpan.FromSeconds(1) : Patience, name, "-c", script));
        Assert.Equal(message, error.Message);
    }
}
