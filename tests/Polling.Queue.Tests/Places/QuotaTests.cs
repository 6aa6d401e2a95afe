using System.Globalization;
using Polling.Core.Queue.Quotas;
using Polling.Queue.Tests.Harness;

namespace Polling.Queue.Tests.Places;

public class QuotaTests(Engines engines)
{
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(15);

    [Theory, MemberData(nameof(Engines.All), MemberType = typeof(Engines))]
    public async Task No_second_has_more_calls_than_permitted_even_with_jitter_on_the_way(Engine engine)
    {
        var queue = await TestQueue.StartAsync(engines, engine);
        await queue.AddAccountAsync(1, callsPerSecond: 5);
        var seed = Random.Shared.Next();
        var random = new Random(seed);
        var arrivals = new List<long>();
        for (var i = 0; i < 600; i++)
        {
            if ((await AskAsync(queue, i)).IsGranted)
            {
                arrivals.Add(queue.NowMs + random.Next(0, 100));
            }

            await queue.AdvanceAsync(TimeSpan.FromMilliseconds(random.Next(0, 60)));
        }

        arrivals.Sort();
        var most = arrivals.Max(from => arrivals.Count(a => a >= from && a < from + 1000));
        Assert.True(most <= 5, $"{most} calls in one second, seed {seed}");
        Assert.InRange(arrivals.Count, 60, 100);
    }

    [Theory, MemberData(nameof(Engines.All), MemberType = typeof(Engines))]
    public async Task Accounts_that_are_asked_at_the_same_time_are_each_charged(Engine engine)
    {
        const int accounts = 3, attempts = 20;
        var queue = await TestQueue.StartAsync(engines, engine);
        for (var account = 1; account <= accounts; account++)
        {
            await queue.AddAccountAsync(account);
        }

        // While the first runs are under way the others gather.
        var all = Enumerable.Range(0, accounts * attempts).Select(i => (Account: 1 + i % accounts, Name: $"a{i}")).ToArray();
        Assert.All(await Task.WhenAll(all.Select(a => queue.Quotas.AcquireAsync(a.Account, a.Name, Timeout))), decision => Assert.True(decision.IsGranted));
        Assert.All(queue.Accounts, account => Assert.Equal(attempts, queue.Redis.SortedSetLength(queue.Keys.InFlight(account))));
        Assert.All(await Task.WhenAll(all.Select(a => queue.Quotas.EndAsync(a.Account, a.Name))), health => Assert.NotNull(health));
        Assert.All(queue.Accounts, account => Assert.Equal(0, queue.Redis.SortedSetLength(queue.Keys.InFlight(account))));
    }

    [Theory, MemberData(nameof(Engines.All), MemberType = typeof(Engines))]
    public async Task A_refusal_says_when_to_ask_again(Engine engine)
    {
        var queue = await TestQueue.StartAsync(engines, engine);
        await queue.AddAccountAsync(1, callsPerSecond: 1);
        Assert.True((await AskAsync(queue, 1)).IsGranted);
        await queue.AdvanceAsync(TimeSpan.FromMilliseconds(300));
        var refused = await AskAsync(queue, 2);

        Assert.Equal((QuotaRefusal.Rate, 800), (refused.Refusal, (int)refused.RetryAfter.TotalMilliseconds));
        Assert.True((await AskAsync(queue, 1)).IsGranted, "the same attempt again is not charged again");
        await queue.AdvanceAsync(refused.RetryAfter);
        Assert.True((await AskAsync(queue, 2)).IsGranted);
    }

    [Theory, MemberData(nameof(Engines.All), MemberType = typeof(Engines))]
    public async Task Calls_in_flight_are_limited_and_end_by_themselves_when_their_process_dies(Engine engine)
    {
        var queue = await TestQueue.StartAsync(engines, engine);
        await queue.AddAccountAsync(1, inFlight: 2);
        await AskAsync(queue, 1);
        await AskAsync(queue, 2);
        Assert.Equal(QuotaRefusal.InFlight, (await AskAsync(queue, 3)).Refusal);
        await queue.Quotas.EndAsync(1, Name(1));
        Assert.True((await AskAsync(queue, 3)).IsGranted);
        Assert.Equal(QuotaRefusal.InFlight, (await AskAsync(queue, 4)).Refusal);
        await queue.AdvanceAsync(Timeout);
        Assert.True((await AskAsync(queue, 4)).IsGranted);
    }

    [Theory, MemberData(nameof(Engines.All), MemberType = typeof(Engines))]
    public async Task An_unknown_or_paused_account_sends_nothing(Engine engine)
    {
        var queue = await TestQueue.StartAsync(engines, engine);
        Assert.Equal(QuotaRefusal.Unknown, (await AskAsync(queue, 1)).Refusal);
        await queue.AddAccountAsync(1, active: false);
        Assert.Equal(QuotaRefusal.Paused, (await AskAsync(queue, 1)).Refusal);
    }

    [Theory, MemberData(nameof(Engines.All), MemberType = typeof(Engines))]
    public async Task A_grant_that_is_moved_to_now_brings_no_second_more_calls_than_permitted(Engine engine)
    {
        var queue = await TestQueue.StartAsync(engines, engine);
        await queue.AddAccountAsync(1, callsPerSecond: 5, inFlight: 1000);
        var seed = Random.Shared.Next();
        var random = new Random(seed);
        var (arrivals, waiting, late) = (new List<long>(), new List<int>(), 0);
        for (var i = 0; i < 600; i++)
        {
            if ((await AskAsync(queue, i)).IsGranted)
            {
                waiting.Add(i);
            }

            await queue.AdvanceAsync(TimeSpan.FromMilliseconds(random.Next(0, 60)));
            foreach (var attempt in waiting.Where(_ => random.Next(25) == 0).ToArray())
            {
                waiting.Remove(attempt);
                if (await queue.Quotas.RegrantAsync(1, Name(attempt), Timeout))
                {
                    arrivals.Add(queue.NowMs);
                }
                else
                {
                    late++;
                }
            }
        }

        var most = arrivals.Max(from => arrivals.Count(a => a >= from && a < from + 1000));
        Assert.True(most <= 5, $"{most} calls in one second, seed {seed}");
        Assert.True(arrivals.Count > 20 && late > 0, $"{arrivals.Count} moved, {late} too late, seed {seed}");
    }

    [Theory, MemberData(nameof(Engines.All), MemberType = typeof(Engines))]
    public async Task A_grant_that_has_ended_or_left_its_second_is_not_moved(Engine engine)
    {
        var queue = await TestQueue.StartAsync(engines, engine);
        await queue.AddAccountAsync(1, callsPerSecond: 1);
        await AskAsync(queue, 1);
        await queue.AdvanceAsync(TimeSpan.FromMilliseconds(1_000));
        Assert.True(await queue.Quotas.RegrantAsync(1, Name(1), Timeout));
        await queue.AdvanceAsync(TimeSpan.FromMilliseconds(1_000));
        Assert.Equal(QuotaRefusal.Rate, (await AskAsync(queue, 2)).Refusal);
        await queue.AdvanceAsync(TimeSpan.FromMilliseconds(100));
        Assert.False(await queue.Quotas.RegrantAsync(1, Name(1), Timeout));
        Assert.True((await AskAsync(queue, 2)).IsGranted);
        await queue.Quotas.EndAsync(1, Name(2));
        Assert.False(await queue.Quotas.RegrantAsync(1, Name(2), Timeout));
        Assert.False(await queue.Quotas.RegrantAsync(1, "never asked for", Timeout));
    }

    private static Task<QuotaDecision> AskAsync(TestQueue queue, int attempt) => queue.Quotas.AcquireAsync(1, Name(attempt), Timeout);

    private static string Name(int attempt) => attempt.ToString(CultureInfo.InvariantCulture);
}
