using Polling.Core.Carriers;
using Polling.Core.Queue.Quotas;
using Polling.Queue.Tests.Harness;

namespace Polling.Queue.Tests.Accounts;

public class ReserveTests(Engines engines)
{
    public static TheoryData<Engine, string> Limits => new(
        from engine in Engines.All.Select(row => row.Data)
        from limit in new[] { "second", "five minutes", "in flight" }
        select (engine, limit));

    [Theory, MemberData(nameof(Limits))]
    public async Task Polling_leaves_the_reserve_to_manual_work_and_that_half_of_it_to_suspensions(Engine engine, string limit)
    {
        var queue = await TestQueue.StartAsync(engines, engine);
        await queue.PublishAsync(With(limit, 20), reservedPercent: 10);
        var attempt = 0;

        Assert.Equal(18, await GrantedAsync(CallPriority.Polling));
        Assert.Equal(1, await GrantedAsync(CallPriority.Manual));
        Assert.Equal(1, await GrantedAsync(CallPriority.Suspension));
        Assert.Equal(18, AccountLimits.PollingShare(20, 10));

        async Task<int> GrantedAsync(CallPriority priority)
        {
            var granted = 0;
            while ((await queue.AskAsync(attempt++, priority)).IsGranted)
            {
                granted++;
            }

            return granted;
        }
    }

    [Theory, MemberData(nameof(Engines.All), MemberType = typeof(Engines))]
    public async Task A_small_limit_has_no_reserve(Engine engine)
    {
        var queue = await TestQueue.StartAsync(engines, engine);
        await queue.PublishAsync(With("second", 9), reservedPercent: 10);
        for (var i = 0; i < 9; i++)
        {
            Assert.True((await queue.AskAsync(i)).IsGranted);
        }

        Assert.Equal(QuotaRefusal.Rate, (await queue.AskAsync(9, CallPriority.Suspension)).Refusal);
        Assert.Equal(9, AccountLimits.PollingShare(9, 10));
        Assert.Equal(9, AccountLimits.PollingShare(10, 1));
    }

    private static CarrierAccount With(string limit, int value)
    {
        var account = AccountSeed.Account();
        switch (limit)
        {
            case "second":
                account.CallsPerSecond = value;
                break;
            case "five minutes":
                account.CallsPer5Minutes = value;
                break;
            default:
                account.MaxInFlight = value;
                break;
        }

        return account;
    }
}
