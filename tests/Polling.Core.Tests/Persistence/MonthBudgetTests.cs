using Npgsql;
using Polling.Core.Persistence.Accounts;

namespace Polling.Core.Tests.Persistence;

public sealed class MonthBudgetTests(DatabaseFixture server)
{
    private static readonly DateOnly Month = new(2027, 1, 1);

    [Fact]
    public async Task Blocks_are_a_hundredth_of_the_budget_and_the_last_one_what_is_left()
    {
        await using var database = await AccountAsync(budget: 25_050);
        var months = new MonthBudget(database.Source);
        Assert.Equal(new MonthBlock(250, 250), await months.ReserveAsync(1, Month));
        Assert.Equal(new MonthBlock(250, 500), await months.ReserveAsync(1, Month));
        await database.ExecuteAsync("UPDATE tb_account_month_use SET calls = 25000");
        Assert.Equal(new MonthBlock(50, 25_050), await months.ReserveAsync(1, Month));
        Assert.Null(await months.ReserveAsync(1, Month));
        Assert.Equal(new MonthBlock(250, 250), await months.ReserveAsync(1, Month.AddMonths(1)));
    }

    [Theory]
    [InlineData(30, 30)]
    [InlineData(5_000, 100)]
    public async Task A_small_budget_goes_by_hundreds(long budget, long first)
    {
        await using var database = await AccountAsync(budget);
        Assert.Equal(new MonthBlock(first, first), await new MonthBudget(database.Source).ReserveAsync(1, Month));
    }

    [Fact]
    public async Task Racing_reservations_never_exceed_the_budget_and_no_two_are_the_same()
    {
        await using var database = await AccountAsync(budget: 2_030);
        var months = new MonthBudget(database.Source);
        var blocks = await Task.WhenAll(Enumerable.Range(0, 40).Select(_ => Task.Run(() => months.ReserveAsync(1, Month))));
        var given = blocks.Where(b => b is not null).Select(b => b!.Value).ToArray();

        Assert.Equal(2_030, given.Sum(b => b.Calls));
        Assert.Equal(21, given.Select(b => b.Reserved).Distinct().Count());
        Assert.Equal(21, given.Length);
    }

    [Fact]
    public async Task An_account_without_a_budget_or_with_a_lowered_one_gets_none()
    {
        await using var database = await AccountAsync(budget: 1_000);
        var months = new MonthBudget(database.Source);
        await months.ReserveAsync(1, Month);
        await database.ExecuteAsync("UPDATE tb_carrier_account SET calls_per_month = 50 WHERE id = 1");
        Assert.Null(await months.ReserveAsync(1, Month));
        Assert.Null(await months.ReserveAsync(2, Month));
        Assert.Null(await months.ReserveAsync(77, Month));
    }

    [Theory]
    [InlineData("calls_per_month = 0")]
    [InlineData("calls_per_5_minutes = -1")]
    [InlineData("billing_cycle_day = 29")]
    public async Task PostgreSQL_refuses_absurd_limits(string change)
    {
        await using var database = await AccountAsync(budget: 1_000);
        await Assert.ThrowsAsync<PostgresException>(() => database.ExecuteAsync($"UPDATE tb_carrier_account SET {change} WHERE id = 1"));
    }

    private async Task<TestDatabase> AccountAsync(long budget)
    {
        var database = await server.MigratedAsync();
        await database.AddAccountsAsync();
        await database.ExecuteAsync($"UPDATE tb_carrier_account SET calls_per_month = {budget} WHERE id = 1");
        return database;
    }
}
