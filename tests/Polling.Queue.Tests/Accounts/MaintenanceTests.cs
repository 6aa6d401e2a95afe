using Polling.Core.Queue.Quotas;
using Polling.Queue.Tests.Harness;

namespace Polling.Queue.Tests.Accounts;

public class MaintenanceTests(Engines engines)
{
    [Theory, MemberData(nameof(Engines.All), MemberType = typeof(Engines))]
    public async Task Nothing_is_sent_within_a_window_not_even_when_it_began_after_the_last_publication(Engine engine)
    {
        var queue = await TestQueue.StartAsync(engines, engine);
        var account = AccountSeed.Account();
        var start = queue.Now().AddHours(8).AddMinutes(2);
        account.MaintenanceWindows = [$"{start:HH\\:mm}-{start.AddMinutes(3):HH\\:mm}"];
        await queue.PublishAsync(account);
        Assert.True((await queue.AskAsync(1)).IsGranted);

        await queue.AdvanceAsync(TimeSpan.FromMinutes(2));
        var refused = await queue.AskAsync(2, CallPriority.Suspension);
        Assert.Equal((QuotaRefusal.Maintenance, 60.0), (refused.Refusal, refused.RetryAfter.TotalSeconds));
        await queue.AdvanceAsync(TimeSpan.FromMinutes(2.5));
        Assert.Equal(30.0, (await queue.AskAsync(2)).RetryAfter.TotalSeconds);
        await queue.AdvanceAsync(TimeSpan.FromSeconds(30));
        Assert.True((await queue.AskAsync(2)).IsGranted);

        await queue.PublishAsync(account);
        Assert.True((await queue.AskAsync(3)).IsGranted);
        await queue.AdvanceAsync(TimeSpan.FromDays(1) - TimeSpan.FromMinutes(1));
        Assert.Equal(QuotaRefusal.Maintenance, (await queue.AskAsync(4)).Refusal);
    }
}
