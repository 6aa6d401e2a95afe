using Polling.Core.Persistence;

namespace Polling.Core.Tests.Persistence;

public sealed class SingletonLeaseTests(DatabaseFixture server)
{
    private static readonly TimeSpan Long = TimeSpan.FromMinutes(5);

    [Fact]
    public async Task One_of_two_contenders_holds_it_until_it_gives_it_up()
    {
        var cancel = TestContext.Current.CancellationToken;
        await using var database = await server.MigratedAsync();
        var (a, b) = (Lease(database, "a", Long), Lease(database, "b", Long));

        var terms = await Task.WhenAll(a.AcquireAsync(cancel), b.AcquireAsync(cancel));
        Assert.Single(terms, term => term is not null);
        var (winner, loser) = terms[0] is null ? (b, a) : (a, b);
        Assert.True(await winner.RenewAsync(1, cancel));
        Assert.False(await loser.RenewAsync(1, cancel));
        await loser.ReleaseAsync(cancel);
        Assert.Null(await loser.AcquireAsync(cancel));

        await winner.ReleaseAsync(cancel);
        Assert.Equal(2, await loser.AcquireAsync(cancel));
        Assert.False(await winner.RenewAsync(1, cancel));
    }

    [Fact]
    public async Task An_expired_lease_is_taken_over_in_a_new_term_and_the_old_term_is_fenced()
    {
        var cancel = TestContext.Current.CancellationToken;
        await using var database = await server.MigratedAsync();
        var (a, b) = (Lease(database, "a", Long), Lease(database, "b", Long));
        Assert.Equal(1, await a.AcquireAsync(cancel));
        await database.ExecuteAsync("UPDATE tb_singleton_lease SET expires_at = now() - interval '1 second'");
        Assert.Equal(2, await b.AcquireAsync(cancel));

        await using var connection = await database.Source.OpenConnectionAsync(cancel);
        await using (var late = await connection.BeginTransactionAsync(cancel))
        {
            await Assert.ThrowsAsync<SingletonLeaseLostException>(() => a.FenceAsync(1, late, cancel));
        }

        await using var current = await connection.BeginTransactionAsync(cancel);
        await b.FenceAsync(2, current, cancel);

        // Even if the lease runs out now, nobody takes it before this transaction has ended.
        await using var other = await database.Source.OpenConnectionAsync(cancel);
        await using var impatient = other.CreateCommand();
        impatient.CommandText = "SET lock_timeout = '200ms'; UPDATE tb_singleton_lease SET term = term + 1";
        var blocked = await Assert.ThrowsAsync<Npgsql.PostgresException>(() => impatient.ExecuteNonQueryAsync(cancel));
        Assert.Equal("55P03", blocked.SqlState);
    }

    [Fact]
    public async Task A_holder_that_asks_again_gets_a_new_term()
    {
        var cancel = TestContext.Current.CancellationToken;
        await using var database = await server.MigratedAsync();
        var lease = Lease(database, "a", Long);

        Assert.Equal(1, await lease.AcquireAsync(cancel));
        Assert.Equal(2, await lease.AcquireAsync(cancel));
        Assert.False(await lease.RenewAsync(1, cancel));
    }

    private static SingletonLease Lease(TestDatabase database, string holder, TimeSpan lifetime) =>
        new(database.Source, "job", holder, lifetime);
}
