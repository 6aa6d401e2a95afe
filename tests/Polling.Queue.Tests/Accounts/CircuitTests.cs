using Polling.Core.Queue.Quotas;
using Polling.Queue.Tests.Harness;

namespace Polling.Queue.Tests.Accounts;

public class CircuitTests(Engines engines)
{
    [Theory, MemberData(nameof(Engines.All), MemberType = typeof(Engines))]
    public async Task Five_broken_connections_in_a_row_open_it_and_a_probe_that_succeeds_closes_it(Engine engine)
    {
        var queue = await StartAsync(engine);
        await queue.CallsAsync(1, 4, AttemptResult.Transport);
        await queue.CallsAsync(5, 1, AttemptResult.Ok);
        Assert.Equal(CircuitState.Closed, (await queue.CallsAsync(6, 4, AttemptResult.Transport)).Circuit);
        var opened = await queue.CallsAsync(10, 1, AttemptResult.Transport);
        Assert.Equal((CircuitState.Open, true), (opened.Circuit, opened.CircuitChanged));

        var refused = await queue.AskAsync(20);
        Assert.Equal((QuotaRefusal.Circuit, 5.0), (refused.Refusal, refused.RetryAfter.TotalSeconds));
        await queue.AdvanceAsync(refused.RetryAfter);
        Assert.True((await queue.AskAsync(20)).IsGranted, "one probe");
        Assert.True((await queue.AskAsync(20)).IsGranted, "the same attempt again");
        Assert.Equal(QuotaRefusal.Circuit, (await queue.AskAsync(21)).Refusal);

        var closed = await queue.EndAsync(20);
        Assert.Equal((CircuitState.Closed, true), (closed!.Value.Circuit, closed.Value.CircuitChanged));
        Assert.True((await queue.AskAsync(21)).IsGranted);
    }

    [Theory, MemberData(nameof(Engines.All), MemberType = typeof(Engines))]
    public async Task The_back_off_doubles_to_five_minutes_while_probes_fail(Engine engine)
    {
        var queue = await StartAsync(engine);
        await queue.CallsAsync(1, 5, AttemptResult.Transport);
        var waits = new List<double>();
        for (var probe = 10; probe < 18; probe++)
        {
            var before = queue.NowMs;
            QuotaDecision decision;
            while (!(decision = await queue.AskAsync(probe)).IsGranted)
            {
                Assert.True(decision.RetryAfter <= TimeSpan.FromMinutes(1));
                await queue.AdvanceAsync(decision.RetryAfter);
            }

            waits.Add((queue.NowMs - before) / 1000.0);
            await queue.EndAsync(probe, AttemptResult.Refused);
        }

        Assert.Equal([5, 10, 20, 40, 80, 160, 300, 300], waits);
    }

    [Theory, MemberData(nameof(Engines.All), MemberType = typeof(Engines))]
    public async Task Half_of_twenty_calls_failed_within_seconds_open_it_but_not_over_minutes(Engine engine)
    {
        var queue = await StartAsync(engine);
        for (var i = 0; i < 60; i++)
        {
            Assert.Equal(CircuitState.Closed, (await queue.CallsAsync(i, 1, i % 2 == 0 ? AttemptResult.Ok : AttemptResult.Refused)).Circuit);
            await queue.AdvanceAsync(TimeSpan.FromSeconds(1));
        }

        await queue.AdvanceAsync(TimeSpan.FromSeconds(20));
        await queue.CallsAsync(100, 10, AttemptResult.Ok);
        Assert.Equal(CircuitState.Closed, (await queue.CallsAsync(110, 9, AttemptResult.Refused)).Circuit);
        Assert.Equal(CircuitState.Open, (await queue.CallsAsync(119, 1, AttemptResult.Refused)).Circuit);
    }

    [Theory, MemberData(nameof(Engines.All), MemberType = typeof(Engines))]
    public async Task A_probe_whose_process_died_or_gave_up_is_followed_by_another(Engine engine)
    {
        var queue = await StartAsync(engine);
        await queue.CallsAsync(1, 5, AttemptResult.Transport);
        await queue.AdvanceAsync(TimeSpan.FromSeconds(5));
        Assert.True((await queue.AskAsync(10)).IsGranted);
        await queue.AdvanceAsync(AccountSeed.Timeout);
        Assert.True((await queue.AskAsync(11)).IsGranted);
        await queue.EndAsync(11, AttemptResult.None);
        Assert.True((await queue.AskAsync(12)).IsGranted);
        Assert.Equal(CircuitState.Half, (await queue.EndAsync(12, AttemptResult.None))!.Value.Circuit);
    }

    [Theory, MemberData(nameof(Engines.All), MemberType = typeof(Engines))]
    public async Task A_report_counts_once_and_one_of_a_call_from_before_the_opening_not_at_all(Engine engine)
    {
        var queue = await StartAsync(engine);
        await queue.AskAsync(1);
        await queue.AskAsync(2);
        for (var i = 0; i < 10; i++)
        {
            Assert.Equal(i == 0, await queue.EndAsync(1, AttemptResult.Transport) is not null);
        }

        Assert.Equal(CircuitState.Open, (await queue.CallsAsync(10, 4, AttemptResult.Transport)).Circuit);
        Assert.Equal(CircuitState.Open, (await queue.EndAsync(2))!.Value.Circuit);
    }

    private async Task<TestQueue> StartAsync(Engine engine)
    {
        var queue = await TestQueue.StartAsync(engines, engine);
        await queue.PublishAsync(AccountSeed.Account());
        return queue;
    }
}
