using Polling.Core.Queue.Scripts;
using Polling.Faults.Tests.Harness;

namespace Polling.Faults.Tests.Redis;

/// <summary>The TCP connection is cut after a script ran and before its answer: whoever asked cannot know, asks again, and changes nothing twice.</summary>
public class LostAnswerTests(SharedSystem shared, ITestOutputHelper output)
{
    private static readonly string[] Scripts = ["claim", "facts", "acquire", "report", "release", "complete", "promote"];
    private static readonly ScriptLibrary Library = new();

    [Fact]
    public async Task Scripts_whose_answers_are_lost_change_nothing_twice() => await CutAsync(await shared.TakeAsync(), Seed.Take(output), rounds: 1);

    [Fact, Trait("Category", "Long")]
    public async Task Answers_are_lost_again_and_again() =>
        await CutAsync(await shared.TakeAsync(), Seed.Take(output), 5 * Seed.Rounds);

    private async Task CutAsync(FaultSystem system, Random random, int rounds)
    {
        await using var run = await FaultRun.BeginAsync(system);
        for (var round = 0; round < rounds; round++)
        {
            random.Shuffle(Scripts);
            foreach (var script in Scripts)
            {
                var swallowed = await system.Line.CutAfterAsync(Library[script].Hash).WaitAsync(Condition.Patience, TestContext.Current.CancellationToken);
                Assert.True(swallowed > 0);
                output.WriteLine($"{script}: {swallowed} bytes of answers were lost");
            }
        }

        await run.StrikeAsync();
        await system.Line.CutAfterAsync(Library["claim"].Hash).WaitAsync(Condition.Patience, TestContext.Current.CancellationToken);
        await run.EndAsync();
    }
}
