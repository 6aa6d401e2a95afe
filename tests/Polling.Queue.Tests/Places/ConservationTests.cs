using Polling.AppHost.LocalServers;
using Polling.Core.Cards;
using Polling.Core.Queue.Claims;
using Polling.Core.Queue.Completion;
using Polling.Core.Queue.Facts;
using Polling.Queue.Tests.Harness;

namespace Polling.Queue.Tests.Places;

public class ConservationTests(Engines engines, ITestOutputHelper output)
{
    private const int Cards = 60;

    /// <summary>Random moves, with replays and lost answers; after each one every card must be in exactly one place.</summary>
    [Theory, MemberData(nameof(Engines.All), MemberType = typeof(Engines))]
    public async Task Whatever_happens_each_card_is_in_exactly_one_place(RedisEngine engine)
    {
        var seed = int.TryParse(Environment.GetEnvironmentVariable("POLLING_SEED"), out var given) ? given : Random.Shared.Next();
        output.WriteLine($"seed {seed}; replay with POLLING_SEED={seed}");
        var random = new Random(seed);
        var queue = await TestQueue.StartAsync(engines, engine);
        await queue.AddAccountAsync(1, callsPerSecond: 4, cardsPerCall: 7);
        await queue.AddAccountAsync(2, callsPerSecond: 50, cardsPerCall: 1, weight: 50);
        await queue.AllowAsync(permits: 6);
        await queue.PlaceAsync(Enumerable.Range(1, Cards).Select(i => TestQueue.Card(i, account: i % 2 + 1)));

        var calls = new List<ClaimedCall>();
        var moves = new int[7];
        for (var step = 0; step < 800; step++)
        {
            var move = random.Next(moves.Length);
            moves[move] += await MoveAsync(queue, random, calls, move);
            var places = await queue.PlacesAsync();
            Assert.True(
                places.Count == Cards && places.All(p => p.Count() == 1),
                $"seed {seed}, step {step}, move {move}: " + string.Join("; ", places.Where(p => p.Count() != 1).Select(p => $"{p.Key}: {string.Join(", ", p)}")) + $" ({places.Count} cards)");
            var figures = await queue.FiguresAsync();
            Assert.True(figures.PermitsHeld <= 6 && figures.PermitsHeld == await queue.CurrentAsync(), $"seed {seed}, step {step}: {figures}");
        }

        // Ten failures in a row of one card are rare here, so a discharge may not have come up.
        Assert.All(moves[..6], m => Assert.NotEqual(0, m));
    }

    private static async Task<int> MoveAsync(TestQueue queue, Random random, List<ClaimedCall> calls, int move)
    {
        switch (move)
        {
            case 0:
                await queue.AdvanceAsync(TimeSpan.FromMilliseconds(random.Next(random.Next(4) == 0 ? 40_000 : 3_000)));
                return 1;
            case 1:
                return (await queue.PromoteAsync()).Chunks;
            case 2:
                // Every third answer is lost: the calls are held by nobody until their leases end.
                var claimed = await queue.ClaimAsync(random.Next(1, 4));
                calls.AddRange(random.Next(3) == 0 ? [] : claimed);
                return claimed.Count;
            case 3 when calls.Count > 0:
                // Completed calls stay in the list, so that some are completed twice, or after their lease.
                return await queue.CompleteAsync(calls[random.Next(calls.Count)], (CardOutcome)random.Next(1, 5)) == CompletionStatus.Completed ? 1 : 0;
            case 4 when calls.Count > 0:
                return await queue.Claims.ReturnAsync(calls[random.Next(calls.Count)], TimeSpan.FromMilliseconds(random.Next(500))) ? 1 : 0;
            case 5:
                // A card changes its account or its status, or is imported once more as it was.
                var id = random.Next(1, Cards + 1);
                var version = 1 + random.Next(3) * queue.NowMs % 4_000_000_000;
                var counts = await queue.PlaceAsync(TestQueue.Card(id, random.Next(1, 3), (RealNameStatus)random.Next(2), version));
                return counts.Refreshed + counts.Unchanged;
            case 6:
                var listed = await queue.Quarantine.ListAsync(TestQueue.Type, 0, 5);
                var facts = await Task.WhenAll(listed.Select(c => queue.CachedAsync(c.CardId)));
                return await queue.Quarantine.DischargeAsync(TestQueue.Type, TestQueue.Epoch, [.. facts.OfType<CardFacts>()]);
            default:
                return 0;
        }
    }
}
