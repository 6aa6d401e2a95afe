using Polling.Core.Configuration;
using Polling.Faults.Tests.Harness;

namespace Polling.Faults.Tests.Permits;

/// <summary>The limit of permits is lowered from 500 to 50 under load: what runs goes on, and nothing begins until fewer than 50 run.</summary>
public class PermitLimitTests(SharedSystem shared, ITestOutputHelper output)
{
    private const int Many = 500;
    private const int Few = 50;
    private const int Load = 150;

    // In force within 2 s; a call takes 2 s at most and its permit 3 s more, if its holder died.
    private static readonly TimeSpan InForce = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan CallsEnd = TimeSpan.FromSeconds(2 + 3);

    [Fact]
    public async Task A_lowered_limit_is_kept_as_calls_end() => await LowerAsync(await shared.TakeAsync(), Many, Few, Load);

    [Fact, Trait("Category", "Long")]
    public async Task The_limit_goes_down_and_up_again_and_again()
    {
        var (system, random) = (await shared.TakeAsync(), Seed.Take(output));
        for (var round = 0; round < Seed.Rounds; round++)
        {
            await LowerAsync(system, Many, random.Next(20, 100), random.Next(100, 250));
        }
    }

    private async Task LowerAsync(FaultSystem system, int many, int few, int load)
    {
        await using var run = await FaultRun.BeginAsync(system);
        try
        {
            // Calls of a few cards instead of a hundred: several hundred are under way at once.
            await system.Effects.ExecuteAsync("UPDATE tb_carrier_account SET cards_per_call = 5 WHERE code = 'BULK'");
            await Condition.HoldsAsync(async () => (await system.PlacesAsync(TaskType.Realname)).PermitsHeld >= load, Condition.Patience, $"no {load} permits are held");
            await run.StrikeAsync();
            await LimitAsync(system, few);
            await Condition.HoldsAsync(async () => (await system.PlacesAsync(TaskType.Realname)).PermitsAllowed == few, InForce, "the limit is not in force");
            output.WriteLine($"{(await system.PlacesAsync(TaskType.Realname)).PermitsHeld} permits are held as the limit becomes {few}");
            await Condition.HoldsAsync(
                async () => (await system.PlacesAsync(TaskType.Realname)).PermitsHeld is var held && held > few ? $"{held} permits are held" : null, CallsEnd);
        }
        finally
        {
            await LimitAsync(system, many);
            await system.Effects.ExecuteAsync("UPDATE tb_carrier_account SET cards_per_call = 100 WHERE code = 'BULK'");
        }

        await run.EndAsync();
    }

    private static Task LimitAsync(FaultSystem system, int limit) =>
        system.Effects.ExecuteAsync($"UPDATE tb_polling_concurrency_config SET max_concurrency = {limit} WHERE task_type = 'realname'");
}
