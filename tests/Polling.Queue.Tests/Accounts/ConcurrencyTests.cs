using Polling.Core.Queue.Quotas;
using Polling.Queue.Tests.Harness;

namespace Polling.Queue.Tests.Accounts;

public class ConcurrencyTests(Engines engines)
{
    [Theory, MemberData(nameof(Engines.Single), MemberType = typeof(Engines))]
    public async Task Throttling_halves_it_once_a_second_down_to_one_and_successes_raise_it_to_the_limit(Engine engine)
    {
        var queue = await StartAsync(engine, inFlight: 8);
        var limits = new List<int>();
        var call = 0;
        for (var second = 0; second < 5; second++)
        {
            limits.Add((await queue.CallsAsync(call, 3, AttemptResult.Throttled)).InFlightMax);
            call += 3;
            // Successes in between, so that the circuit stays closed; at most one more.
            await queue.CallsAsync(call, 3, AttemptResult.Ok);
            call += 3;
            await queue.AdvanceAsync(TimeSpan.FromSeconds(6));
        }

        Assert.Equal(4, limits[0]);
        Assert.Equal(2, limits[1]);
        Assert.All(limits, limit => Assert.InRange(limit, 1, 4));

        var before = 0;
        for (var i = 0; i < 40; i++)
        {
            var now = (await queue.CallsAsync(call++, 1, AttemptResult.Ok)).InFlightMax;
            Assert.InRange(now - before, 0, before == 0 ? 8 : 1);
            before = now;
        }

        Assert.Equal(8, before);
    }

    [Theory, MemberData(nameof(Engines.Single), MemberType = typeof(Engines))]
    public async Task What_it_allows_is_what_acquire_grants(Engine engine)
    {
        var queue = await StartAsync(engine, inFlight: 6);
        Assert.Equal(3, (await queue.CallsAsync(1, 1, AttemptResult.Throttled)).InFlightMax);
        for (var i = 10; i < 13; i++)
        {
            Assert.True((await queue.AskAsync(i)).IsGranted);
        }

        Assert.Equal(QuotaRefusal.InFlight, (await queue.AskAsync(13)).Refusal);
    }

    [Theory, MemberData(nameof(Engines.Single), MemberType = typeof(Engines))]
    public async Task Latency_that_doubles_lowers_it_and_scattered_latency_does_not(Engine engine)
    {
        var queue = await StartAsync(engine, inFlight: 100);
        var random = new Random(7);
        for (var i = 0; i < 1_000; i++)
        {
            // Log-normal around 200 ms, and one in a hundred hangs.
            var normal = Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
            var latency = i % 100 == 99 ? 12_000 : (int)(200 * Math.Exp(0.5 * normal));
            Assert.Equal(100, (await queue.CallsAsync(i, 1, AttemptResult.Ok, latency)).InFlightMax);
            await queue.AdvanceAsync(TimeSpan.FromMilliseconds(100));
        }

        var least = 100;
        for (var i = 2_000; i < 2_300; i++)
        {
            least = Math.Min(least, (await queue.CallsAsync(i, 1, AttemptResult.Ok, 800)).InFlightMax);
            await queue.AdvanceAsync(TimeSpan.FromMilliseconds(100));
        }

        // Cut, but not to nothing: what halving does not help is the new usual.
        Assert.InRange(least, 5, 50);
    }

    private async Task<TestQueue> StartAsync(Engine engine, int inFlight)
    {
        var queue = await TestQueue.StartAsync(engines, engine);
        var account = AccountSeed.Account();
        account.MaxInFlight = inFlight;
        await queue.PublishAsync(account);
        return queue;
    }
}
