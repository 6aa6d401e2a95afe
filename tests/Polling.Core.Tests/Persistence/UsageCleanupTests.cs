using Polling.Core.Cleanup;
using Polling.Core.Persistence.Cleanup;

namespace Polling.Core.Tests.Persistence;

/// <summary>What clean-up removes of the ledger, and what it keeps.</summary>
public sealed class UsageCleanupTests(DatabaseFixture server)
{
    [Fact]
    public async Task Old_days_go_with_their_partition_or_one_by_one()
    {
        await using var database = await server.MigratedAsync();
        await database.ExecuteAsync(
            """
            CREATE TABLE tb_usage_daily_y2024m01 PARTITION OF tb_usage_daily FOR VALUES FROM ('2024-01-01') TO ('2024-02-01');
            INSERT INTO tb_usage_daily SELECT id, '2024-01-15', 1 FROM generate_series(1, 300) AS id;
            INSERT INTO tb_usage_daily SELECT id, current_date - CASE WHEN id % 3 = 0 THEN 399 ELSE 402 END, 1 FROM generate_series(1, 3000) AS id;
            """);
        var step = await RunAsync(database, CleanupDataset.UsageDaily);

        Assert.Equal(2300, step.Removed);
        Assert.Equal(["tb_usage_daily_y2024m01"], step.DroppedPartitions);
        Assert.Equal(1000, await database.ScalarAsync<long>("SELECT count(*) FROM tb_usage_daily WHERE day >= current_date - 400"));
        Assert.Equal(1000, await database.ScalarAsync<long>("SELECT count(*) FROM tb_usage_daily"));
    }

    [Fact]
    public async Task Closed_cycles_go_when_they_are_old_and_open_ones_never()
    {
        await using var database = await server.MigratedAsync();
        await database.ExecuteAsync(
            """
            INSERT INTO tb_usage_cycle (card_id, cycle, account_id, used_bytes, previous_used_bytes, last_bytes, last_as_of, last_read_at, first_read_at,
                                        falling_readings, late_readings, closed_at, closed_by)
            SELECT id, '2020-01-01', 1, 1, 0, 1, '2020-01-31', '2020-01-31', '2020-01-31', 0, 0,
                   CASE id % 3 WHEN 0 THEN NULL WHEN 1 THEN now() - interval '1099 days' ELSE now() - interval '1101 days' END, CASE WHEN id % 3 > 0 THEN 1 END
            FROM generate_series(1, 3000) AS id;
            """);
        var step = await RunAsync(database, CleanupDataset.UsageCycle);

        Assert.Equal(1000, step.Removed);
        Assert.Equal(1000, await database.ScalarAsync<long>("SELECT count(*) FROM tb_usage_cycle WHERE closed_at IS NULL"));
        Assert.Equal(1000, await database.ScalarAsync<long>("SELECT count(*) FROM tb_usage_cycle WHERE closed_at > now() - interval '1100 days'"));
        Assert.Equal(2000, await database.ScalarAsync<long>("SELECT count(*) FROM tb_usage_cycle"));
    }

    // Batches of 200 rows, by the configuration that an installation comes with.
    private static async Task<CleanupStep> RunAsync(TestDatabase database, CleanupDataset dataset)
    {
        var config = await database.ScalarAsync<int>($"SELECT id FROM tb_data_cleanup_config WHERE dataset = '{dataset.Name}'");
        var days = await database.ScalarAsync<int>($"SELECT retention_days FROM tb_data_cleanup_config WHERE id = {config}");
        var step = new CleanupStep { ConfigId = config, Dataset = dataset.Name, Cutoff = TimeProvider.System.GetUtcNow().AddDays(-days), BatchSize = 200 };
        var deletion = new CleanupDeletion(database.Source);
        var batches = 0;
        while (await deletion.RemoveAsync(step, _ => Task.CompletedTask, TestContext.Current.CancellationToken))
        {
            Assert.True(++batches < 1000, "It does not end.");
        }

        Assert.Null(step.Reason);
        return step;
    }
}
