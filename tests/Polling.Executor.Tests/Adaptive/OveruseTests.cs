using Polling.Core.Configuration;
using Polling.Core.Scheduling;
using Polling.Executor.Tests.Results;

namespace Polling.Executor.Tests.Adaptive;

/// <summary>
/// What the adaptive interval is for: with as many calls as a fixed one it lets cards use less beyond their limits. Real ledger, real decision, real
/// plan; only the cards and the clock are made up.
/// </summary>
public sealed class OveruseTests(LedgerDatabase database, ITestOutputHelper output) : IClassFixture<LedgerDatabase>
{
    private const int Seed = 20261110;
    private const int Cards = 150;
    private const int Hours = 36;
    private static readonly TimeSpan Tick = TimeSpan.FromMinutes(5);
    private static readonly DateTimeOffset Start = new(2026, 11, 10, 0, 0, 0, TimeSpan.FromHours(8));

    [Fact]
    public async Task At_an_equal_call_budget_overuse_is_half_of_a_fixed_intervals_at_most()
    {
        // The contract's interval and bounds; how many calls they come to is known afterwards, and the fixed interval gets as many.
        var config = new PollingConfig { Name = "x", TaskType = TaskType.Carddata, IntervalSeconds = 1800, AdaptiveMinSeconds = 300 };
        var adaptive = await RunAsync(config);
        var interval = (int)(Cards * TimeSpan.FromHours(Hours).TotalSeconds / adaptive.Calls);
        var @fixed = await RunAsync(new PollingConfig { Name = "x", TaskType = TaskType.Carddata, IntervalSeconds = interval });

        output.WriteLine($"seed {Seed}: adaptive {adaptive}; fixed every {interval} s {@fixed}; {100.0 * adaptive.Overuse / @fixed.Overuse:0} %");
        Assert.InRange(@fixed.Calls, adaptive.Calls * 0.97, adaptive.Calls * 1.15);
        Assert.Equal(adaptive.Over, @fixed.Over);
        Assert.InRange(adaptive.Over, Cards / 3, Cards);
        Assert.InRange(adaptive.Overuse, 1, @fixed.Overuse / 2);
    }

    private async Task<Figures> RunAsync(PollingConfig config)
    {
        var cards = await database.TakeAsync(Cards);
        var package = await database.ScalarAsync<int>(
            $"INSERT INTO tb_package (code, name, allowance_bytes, is_directional) VALUES ('O{cards.Id}', 'O', {SimulatedUse.Limit}, false) RETURNING id");
        await database.ExecuteAsync($"UPDATE tb_card SET package_id = {package} WHERE id IN ({cards.List})");
        var uses = Enumerable.Range(0, Cards).Select(i => new SimulatedUse(Seed + i)).ToArray();
        var due = Enumerable.Range(0, Cards).Select(i => Start.AddSeconds(PhaseGrid.Next(i + 1, config.IntervalSeconds * 1000L, 0) / 1000 % config.IntervalSeconds)).ToArray();
        var (calls, over, overuse) = (0, 0, 0L);
        var end = Start.AddHours(Hours);
        for (var now = Start; now < end; now += Tick)
        {
            int[] asked = [.. Enumerable.Range(0, Cards).Where(i => due[i] < now + Tick)];
            if (asked.Length == 0)
            {
                continue;
            }

            var committed = await database.Results.CommitAsync([.. asked.Select(i => cards.Usage(i, due[i], uses[i].ReadAt(due[i] - Start)))]);
            foreach (var i in asked)
            {
                calls++;
                var standing = committed.Standing(cards.Ids[i]);
                if (standing?.SuspensionId is not null)
                {
                    over++;
                    overuse += uses[i].ReadAt(due[i] - Start) - SimulatedUse.Limit;
                    uses[i].StopAt(due[i] - Start);
                }

                // Where nothing is foreseen a card keeps to its grid.
                due[i] += (standing?.OverAt is { } at ? AdaptiveInterval.DueIn(config, at - due[i]) : null) ?? TimeSpan.FromSeconds(config.IntervalSeconds);
            }
        }

        return new Figures(calls, over, overuse);
    }

    private sealed record Figures(int Calls, int Over, long Overuse)
    {
        public override string ToString() => $"{Calls} calls, {Over} cards over, {Overuse / 1_000_000.0:0.0} MB beyond their limits";
    }
}
