using System.Text.Json;
using Npgsql;

namespace Polling.AdminApi.Tests;

/// <summary>
/// Requests that look at the same row at once and then write it: a lock on the table holds them between the two, so that each has seen what was
/// there before the other.
/// </summary>
public sealed class RaceTests(ApiProcess api)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task Two_may_exempt_a_card_at_once()
    {
        const string Path = "/api/admin/cards/7/suspension-exemption";
        var answers = await AtOnceAsync(
            "tb_suspension_exemption", () => Task.CompletedTask,
            () => api.SendAsync(HttpMethod.Put, Path, """{"reason": "lift"}"""), () => api.SendAsync(HttpMethod.Put, Path, """{"reason": "alarm"}"""));
        Assert.All(answers, answer => Assert.Equal(200, answer.Status));
        var (_, list) = await api.GetAsync("/api/admin/suspension-exemptions?after_id=6&page_size=1");
        Assert.Contains(list.GetProperty("items")[0].Text("reason"), (string[])["lift", "alarm"]);
        Assert.Equal(204, (await api.SendAsync(HttpMethod.Delete, Path)).Status);
    }

    [Fact]
    public async Task What_refers_to_an_account_that_is_deleted_meanwhile_is_refused()
    {
        var (made, account) = await api.SendAsync(
            HttpMethod.Post, "/api/admin/carrier-accounts",
            """{"carrier_id": 1, "code": "leaving", "name": "x", "calls_per_second": 1, "cards_per_call": 1, "max_in_flight": 1}""");
        Assert.True(made == 201, account.ToString());
        var id = account.Number("id");
        var answers = await AtOnceAsync(
            "tb_usage_pool",
            async () => Assert.Equal(204, (await api.SendAsync(HttpMethod.Delete, $"/api/admin/carrier-accounts/{id}")).Status),
            () => api.SendAsync(HttpMethod.Post, "/api/admin/usage-pools", $$"""{"code": "R", "name": "r", "account_id": {{id}}, "allowance_bytes": 1}"""));
        var (field, value, _) = answers[0].Body.Mistake();
        Assert.Equal((400, "account_id", $"{id}"), (answers[0].Status, field, value));
    }

    // The requests stand before their write; then something else is done; then they go on.
    private async Task<(int Status, JsonElement Body)[]> AtOnceAsync(
        string table, Func<Task> meanwhile, params Func<Task<(int Status, JsonElement Body)>>[] requests)
    {
        await using var source = NpgsqlDataSource.Create(api.Postgres);
        await using var connection = await source.OpenConnectionAsync(TestContext.Current.CancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(TestContext.Current.CancellationToken);
        await using (var hold = new NpgsqlCommand($"LOCK TABLE {table} IN SHARE MODE", connection, transaction))
        {
            await hold.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
        }

        var asked = Task.WhenAll(requests.Select(request => request()));
        await using var waiting = source.CreateCommand($"SELECT count(*) FROM pg_locks WHERE relation = '{table}'::regclass AND NOT granted");
        await PollingSystem.UntilAsync(Patience, async () => (long)(await waiting.ExecuteScalarAsync(TestContext.Current.CancellationToken))! == requests.Length);
        await meanwhile();
        await transaction.CommitAsync(TestContext.Current.CancellationToken);
        return await asked;
    }
}
