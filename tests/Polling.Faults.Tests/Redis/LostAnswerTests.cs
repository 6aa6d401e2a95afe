using Polling.Core.Queue.Scripts;
using Polling.Faults.Tests.Harness;

namespace Polling.Faults.Tests.Redis;

/// <summary>The TCP connection is cut after a script ran and before its answer: whoever asked cannot know, asks again, and changes nothing twice.</summary>
public class LostAnswerTests(ITestOutputHelper output)
{
    private static readonly string[] Scripts = ["claim", "facts", "acquire", "report", "release", "complete", "promote"];
    private static readonly ScriptLibrary Library = new();

    [Fact]
    public Task Scripts_whose_answers_are_lost_change_nothing_twice() => CutAsync(Seed.Take(output), rounds: 1);

    [Fact, Trait("Category", "Long")]
    public Task Answers_are_lost_again_and_again() => CutAsync(Seed.Take(output), 5 * Seed.Rounds);

    private async Task CutAsync(Random random, int rounds)
    {
        FaultProxy? proxy = null;
        await using var system = await FaultSystem.StartAsync(port => (proxy = new FaultProxy(port)).Port, TestContext.Current.CancellationToken);
        await using var line = proxy!;
        await using var run = await FaultRun.BeginAsync(system);
        for (var round = 0; round < rounds; round++)
        {
            random.Shuffle(Scripts);
            foreach (var script in Scripts)
            {
                var swallowed = await line.CutAfterAsync(Library[script].Hash).WaitAsync(Condition.Patience, TestContext.Current.CancellationToken);
                Assert.True(swallowed > 0);
                output.WriteLine($"{script}: {swallowed} bytes of answers were lost");
            }
        }

        await run.StrikeAsync();
        await line.CutAfterAsync(Library["claim"].Hash).WaitAsync(Condition.Patience, TestContext.Current.CancellationToken);
        await run.EndAsync();
    }
}
