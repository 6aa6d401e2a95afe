using Microsoft.Extensions.Logging.Abstractions;
using Polling.Core.Persistence.Usage;

namespace Polling.Core.Tests.Persistence;

public sealed class UsagePartitionTests(DatabaseFixture server)
{
    // Still November in UTC, already December in Shanghai.
    private static readonly DateTimeOffset Now = new(2026, 11, 30, 16, 30, 0, TimeSpan.Zero);

    [Fact]
    public async Task This_month_and_the_next_two_are_made_once_by_the_months_of_Shanghai()
    {
        await using var database = await server.MigratedAsync();
        var made = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => EnsureAsync(database, Now)));
        Assert.Equal(6, made.Sum());
        Assert.Equal(0, await EnsureAsync(database, Now));
        Assert.Equal(2, await EnsureAsync(database, Now.AddDays(31)));

        await AddRecordAsync(database, "2026-11-30 16:00+00");
        await AddRecordAsync(database, "2026-12-31 15:59:59.999999+00");
        await AddRecordAsync(database, "2026-11-30 15:59+00");
        Assert.Equal(2, await database.ScalarAsync<long>("SELECT count(*) FROM tb_usage_record_y2026m12"));
        Assert.Equal(1, await database.ScalarAsync<long>("SELECT count(*) FROM tb_usage_record_default"));
        Assert.Equal(3, await database.ScalarAsync<long>("SELECT count(DISTINCT id) FROM tb_usage_record WHERE id > 0"));
    }

    [Fact]
    public async Task Days_have_partitions_too_and_move_into_them()
    {
        await using var database = await server.MigratedAsync();
        await database.ExecuteAsync("INSERT INTO tb_usage_daily VALUES (1, '2026-12-01', 5), (1, '2026-11-30', 6)");
        await EnsureAsync(database, Now);
        await database.ExecuteAsync("INSERT INTO tb_usage_daily VALUES (1, '2026-12-31', 7)");
        Assert.Equal(2, await database.ScalarAsync<long>("SELECT count(*) FROM tb_usage_daily_y2026m12"));
        Assert.Equal(1, await database.ScalarAsync<long>("SELECT count(*) FROM tb_usage_daily_default"));
        await Assert.ThrowsAsync<Npgsql.PostgresException>(() => database.ExecuteAsync("INSERT INTO tb_usage_daily VALUES (1, '2026-12-01', 5)"));
    }

    [Fact]
    public async Task Records_that_came_before_their_partition_move_into_it()
    {
        await using var database = await server.MigratedAsync();
        await AddRecordAsync(database, "2026-12-05 00:00+00");
        await AddRecordAsync(database, "2026-10-05 00:00+00");
        await EnsureAsync(database, Now);

        Assert.Equal(1, await database.ScalarAsync<long>("SELECT count(*) FROM tb_usage_record_y2026m12"));
        Assert.Equal(1, await database.ScalarAsync<long>("SELECT count(*) FROM tb_usage_record_default"));
        await Assert.ThrowsAsync<Npgsql.PostgresException>(() => AddRecordAsync(database, "2026-12-05 00:00+00"));
    }

    private static Task<int> EnsureAsync(TestDatabase database, DateTimeOffset now) =>
        new UsagePartitions(database.Source, NullLogger<UsagePartitions>.Instance).EnsureAsync(now, TestContext.Current.CancellationToken);

    private static Task AddRecordAsync(TestDatabase database, string scheduledAt) => database.ExecuteAsync(
        $"INSERT INTO tb_usage_record (card_id, task_type, scheduled_at, account_id, cycle, used_bytes, checked_at) VALUES (1, 2, '{scheduledAt}', 1, '2026-12-01', 5, now())");
}
