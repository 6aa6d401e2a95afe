using Polling.Core.Queue.Claims;
using Polling.Core.Queue.Completion;
using Polling.Core.Queue.Promotion;
using Polling.Core.Queue.Scripts;
using Polling.Queue.Tests.Harness;

namespace Polling.Queue.Tests.Scripts;

/// <summary>Processes of two versions on one Redis, as in a rollout.</summary>
public class SideBySideTests(Engines engines)
{
    [Theory, MemberData(nameof(Engines.All), MemberType = typeof(Engines))]
    public async Task Two_versions_of_the_scripts_share_the_work(Engine engine)
    {
        var queue = await TestQueue.StartAsync(engines, engine);
        var library = new ScriptLibrary(new Dictionary<string, string> { ["now"] = TestQueue.NowFromKey + "\n-- of another version" });
        var scripts = new ScriptRunner(queue.Redis.Multiplexer, library);
        var (promotion, claims, completion) = (new PromotionScript(scripts, queue.Keys, queue.Redis.Multiplexer), new ClaimScripts(scripts, queue.Keys), new CompletionScript(scripts, queue.Keys));
        await queue.AddAccountAsync(1, cardsPerCall: 10);
        await queue.PlaceDueAsync(Enumerable.Range(1, 20).Select(i => TestQueue.Card(i)));

        // What one version admits the other claims, what one claims it completes, and a call of either expires for the other.
        Assert.Equal(20, (await promotion.PromoteAsync(TestQueue.Type)).Cards);
        var mine = Assert.Single(await queue.ClaimAsync(calls: 1));
        var theirs = Assert.Single((await claims.ClaimAsync(TestQueue.Type, "other", 1, 1, TestQueue.Lease, TestQueue.Permit)).Calls);
        Assert.True(theirs.Token > mine.Token);
        Assert.Equal(CompletionStatus.Completed, await queue.CompleteAsync(mine));
        await queue.AdvanceAsync(TestQueue.Lease);
        var again = await queue.ClaimAsync(calls: 2);
        Assert.Equal(theirs.Cards.Select(card => card.CardId).Order(), again.SelectMany(call => call.Cards).Select(card => card.CardId).Order());
        Assert.Equal(
            CompletionStatus.LeaseLost,
            await completion.CompleteAsync(
                theirs, [.. theirs.Cards.Select(card => new CompletedCard(card.CardId, CardOutcome.Checked, null, TimeSpan.Zero))], TimeSpan.Zero,
                await claims.ReadFactsAsync(TestQueue.Type, theirs.Cards)));
        Assert.All(await queue.PlacesAsync(), places => Assert.Single(places));

        // Redis keeps both, each by its hash.
        Assert.NotEqual(new ScriptLibrary()["claim"].Hash, library["claim"].Hash);
        Assert.Contains(true, await Task.WhenAll(queue.Redis.Multiplexer.GetServers().Select(server => server.ScriptExistsAsync(library["claim"].Hash))));
    }

    [Theory, MemberData(nameof(Engines.All), MemberType = typeof(Engines))]
    public async Task What_a_later_version_adds_to_a_call_is_passed_over(Engine engine)
    {
        var queue = await TestQueue.StartAsync(engines, engine);
        await queue.AddAccountAsync(1, cardsPerCall: 10);
        await queue.PlaceDueAsync(Enumerable.Range(1, 20).Select(i => TestQueue.Card(i)));
        await queue.PromoteAsync();
        foreach (var chunk in await queue.Redis.HashGetAllAsync(queue.Keys.Chunks(TestQueue.Type)))
        {
            await queue.Redis.HashSetAsync(queue.Keys.Chunks(TestQueue.Type), chunk.Name, $"{chunk.Value}|added");
        }

        var calls = await queue.ClaimAsync(calls: 2);
        Assert.Equal(20, calls.Sum(call => call.Cards.Count));
        Assert.True(await queue.Claims.ReturnAsync(calls[0], TimeSpan.Zero));
        await queue.AdvanceAsync(TestQueue.Lease);
        await queue.PromoteAsync();
        Assert.Equal(20, (await queue.ClaimAsync()).Sum(call => call.Cards.Count));
        Assert.All(await queue.PlacesAsync(), places => Assert.Equal("lease", Assert.Single(places)));
    }
}
