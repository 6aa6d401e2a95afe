using Npgsql;

namespace Polling.TestServers;

/// <summary>A PostgreSQL and a standby that streams from it, which takes over when it is told to: both of a test's own, on 127.0.0.1.</summary>
public sealed class TestPostgresPair : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private TestPostgresPair(TestPostgres primary, TestPostgres standby) => (Primary, Standby) = (primary, standby);

    /// <summary>The primary at the beginning.</summary>
    public TestPostgres Primary { get; }

    /// <summary>Its standby, which answers questions meanwhile.</summary>
    public TestPostgres Standby { get; }

    /// <summary>For Npgsql: whichever of the two is the primary, looked for again each second.</summary>
    public string ConnectionString => new NpgsqlConnectionStringBuilder(Primary.ConnectionString)
    {
        Host = FormattableString.Invariant($"127.0.0.1:{Primary.Port},127.0.0.1:{Standby.Port}"),
        TargetSessionAttributes = "primary",
        HostRecheckSeconds = 1,
    }.ConnectionString;

    /// <summary>Starts both and waits until the standby follows: about a second.</summary>
    /// <param name="synchronous">Whether the primary acknowledges no commit before the standby has written it down.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    public static async Task<TestPostgresPair> StartAsync(bool synchronous, CancellationToken cancellationToken)
    {
        var primary = await TestPostgres.StartAsync(cancellationToken: cancellationToken);
        var pair = new TestPostgresPair(primary, await TestPostgres.StartStandbyAsync(primary, cancellationToken));
        if (synchronous)
        {
            await ExecuteAsync(primary, "ALTER SYSTEM SET synchronous_standby_names = '*'", cancellationToken);
            await ExecuteAsync(primary, "SELECT pg_reload_conf()", cancellationToken);
        }

        await UntilAsync(primary, $"SELECT EXISTS (SELECT 1 FROM pg_stat_replication WHERE sync_state = '{(synchronous ? "sync" : "async")}' AND state = 'streaming')", cancellationToken);
        return pair;
    }

    /// <summary>Has the standby hear nothing more, and waits until so many bytes were written without it: when the primary is killed then, they are lost.</summary>
    public async Task FallBehindAsync(long bytes, CancellationToken cancellationToken)
    {
        await ExecuteAsync(Standby, "ALTER SYSTEM SET primary_conninfo = ''", cancellationToken);
        await ExecuteAsync(Standby, "SELECT pg_reload_conf()", cancellationToken);
        await UntilAsync(Primary, "SELECT NOT EXISTS (SELECT 1 FROM pg_stat_replication)", cancellationToken);
        var held = (string)(await AskAsync(Standby, "SELECT pg_last_wal_receive_lsn()::text", cancellationToken))!;
        await UntilAsync(Primary, FormattableString.Invariant($"SELECT pg_wal_lsn_diff(pg_current_wal_lsn(), '{held}') >= {bytes}"), cancellationToken);
    }

    /// <summary>Makes the standby the primary, and waits until it is.</summary>
    public Task PromoteAsync(CancellationToken cancellationToken) => ExecuteAsync(Standby, "SELECT pg_promote()", cancellationToken);

    /// <summary>Kills both and removes their data.</summary>
    public async ValueTask DisposeAsync()
    {
        await Standby.DisposeAsync();
        await Primary.DisposeAsync();
    }

    private static async Task UntilAsync(TestPostgres server, string question, CancellationToken cancellation)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        patience.CancelAfter(Patience);
        while (await AskAsync(server, question, patience.Token) is not true)
        {
            await Task.Delay(20, patience.Token);
        }
    }

    private static Task ExecuteAsync(TestPostgres server, string sql, CancellationToken cancellation) => AskAsync(server, sql, cancellation);

    private static async Task<object?> AskAsync(TestPostgres server, string sql, CancellationToken cancellation)
    {
        await using var connection = new NpgsqlConnection(server.ConnectionString + ";Pooling=false");
        await connection.OpenAsync(cancellation);
        await using var command = new NpgsqlCommand(sql, connection);
        return await command.ExecuteScalarAsync(cancellation);
    }
}
