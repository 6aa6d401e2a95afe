using Polling.Core.Queue.Quotas;
using Polling.Queue.Tests.Harness;

namespace Polling.Queue.Tests.Accounts;

public class FiveMinuteTests(Engines engines)
{
    private const long FiveMinutesMs = 300_000;

    [Theory, MemberData(nameof(Engines.All), MemberType = typeof(Engines))]
    public async Task No_five_minutes_have_more_calls_than_permitted_even_with_jitter_on_the_way(Engine engine)
    {
        var queue = await TestQueue.StartAsync(engines, engine);
        var account = AccountSeed.Account();
        account.CallsPer5Minutes = 50;
        await queue.PublishAsync(account);
        var seed = Random.Shared.Next();
        var random = new Random(seed);
        var arrivals = new List<long>();
        for (var i = 0; i < 1_500; i++)
        {
            if ((await queue.AskAsync(i)).IsGranted)
            {
                arrivals.Add(queue.NowMs + random.Next(0, 2_000));
                await queue.EndAsync(i);
            }

            // Bursts, and pauses of up to minutes.
            var pause = random.Next(0, 100) is var dice && dice < 2 ? random.Next(0, 200_000) : dice < 40 ? 0 : random.Next(0, 2_000);
            await queue.AdvanceAsync(TimeSpan.FromMilliseconds(pause));
        }

        var most = arrivals.Max(from => arrivals.Count(a => a >= from && a < from + FiveMinutesMs));
        Assert.True(most <= 50, $"{most} calls in five minutes, seed {seed}");
        Assert.True(most >= 45, $"only {most} calls in the fullest five minutes, seed {seed}");
    }

    [Theory, MemberData(nameof(Engines.All), MemberType = typeof(Engines))]
    public async Task What_is_used_up_comes_back_within_five_minutes_and_a_few_seconds(Engine engine)
    {
        var queue = await TestQueue.StartAsync(engines, engine);
        var account = AccountSeed.Account();
        account.CallsPer5Minutes = 3;
        await queue.PublishAsync(account);
        await queue.CallsAsync(1, 3, AttemptResult.Ok);
        var refused = await queue.AskAsync(4);
        Assert.Equal(QuotaRefusal.FiveMinutes, refused.Refusal);
        Assert.InRange(refused.RetryAfter, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(60));

        await queue.AdvanceAsync(TimeSpan.FromMinutes(5));
        Assert.Equal(QuotaRefusal.FiveMinutes, (await queue.AskAsync(4)).Refusal);
        await queue.AdvanceAsync(TimeSpan.FromSeconds(8));
        Assert.True((await queue.AskAsync(4)).IsGranted);

        // A limit that comes later counts the calls from before it.
        account.CallsPer5Minutes = 1;
        await queue.PublishAsync(account);
        Assert.Equal(QuotaRefusal.FiveMinutes, (await queue.AskAsync(5)).Refusal);
    }

    [Theory, MemberData(nameof(Engines.All), MemberType = typeof(Engines))]
    public async Task A_lost_Redis_may_have_held_five_minutes_of_calls_unless_the_account_is_new(Engine engine)
    {
        var queue = await TestQueue.StartAsync(engines, engine);
        var account = AccountSeed.Account();
        account.CallsPer5Minutes = 30;
        await queue.PublishAsync(account);
        Assert.True((await queue.AskAsync(1)).IsGranted, "a new account has sent nothing");

        await queue.AdvanceAsync(TimeSpan.FromHours(1));
        await queue.Redis.KeyDeleteAsync([queue.Keys.QuotaFiveMinutes(1), queue.Keys.QuotaWindow(1), queue.Keys.InFlight(1)]);
        Assert.Equal(QuotaRefusal.FiveMinutes, (await queue.AskAsync(2)).Refusal);
        await queue.AdvanceAsync(TimeSpan.FromSeconds(308));
        Assert.True((await queue.AskAsync(2)).IsGranted);
    }

    [Theory, MemberData(nameof(Engines.All), MemberType = typeof(Engines))]
    public async Task A_restarted_Redis_may_have_lost_its_last_moments(Engine engine)
    {
        var queue = await TestQueue.StartAsync(engines, engine);
        var account = AccountSeed.Account();
        (account.CallsPerSecond, account.CallsPer5Minutes) = (5, 20);
        await queue.PublishAsync(account);
        Assert.True((await queue.AskAsync(1)).IsGranted);
        await queue.PublishAsync(account, runId: "run2");
        var granted = 0;
        for (var i = 2; i < 60; i++)
        {
            await queue.AdvanceAsync(TimeSpan.FromSeconds(1));
            granted += (await queue.AskAsync(i)).IsGranted ? 1 : 0;
        }

        Assert.Equal(20 - 1 - 2 * 5, granted);
    }
}
