using Polling.Faults.Tests.Harness;

namespace Polling.Faults.Tests.Postgres;

/// <summary>kill -9 of PostgreSQL while a batch of results is being committed, and restart.</summary>
public class PostgresKillTests(SharedSystem shared, ITestOutputHelper output)
{
    [Fact]
    public async Task A_batch_that_was_cut_off_is_there_or_not_and_never_twice() => await KillAsync(await shared.TakeAsync(), TimeSpan.FromSeconds(1));

    [Fact, Trait("Category", "Long")]
    public async Task PostgreSQL_is_killed_again_and_again()
    {
        var (system, random) = (await shared.TakeAsync(), Seed.Take(output));
        for (var round = 0; round < Seed.Rounds; round++)
        {
            await KillAsync(system, random.Upto(TimeSpan.FromSeconds(10)));
        }
    }

    private async Task KillAsync(FaultSystem system, TimeSpan away)
    {
        await using var run = await FaultRun.BeginAsync(system);
        await Condition.HoldsAsync(
            system.Effects.IsCommittingAsync, Condition.Patience, "no batch is being committed", pause: TimeSpan.Zero);
        await system.Postgres.KillAsync();
        output.WriteLine($"{await run.StrikeAsync()} cards were held; PostgreSQL is away for {away.TotalSeconds:F1} s");
        await Task.Delay(away, TestContext.Current.CancellationToken);
        await system.Postgres.RestartAsync(TestContext.Current.CancellationToken);
        await run.EndAsync(from: TimeProvider.System.GetUtcNow());
    }
}
