using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using Polling.Core.Persistence;
using Polling.TestServers;

[assembly: AssemblyFixture(typeof(Polling.Core.Tests.Persistence.DatabaseFixture))]

namespace Polling.Core.Tests.Persistence;

/// <summary>One PostgreSQL for all tests; each test takes a database of its own.</summary>
public sealed class DatabaseFixture : IAsyncLifetime
{
    private TestPostgres? _server;

    public async ValueTask InitializeAsync() => _server = await TestPostgres.StartAsync();

    public async ValueTask DisposeAsync()
    {
        if (_server is not null)
        {
            await _server.DisposeAsync();
        }
    }

    /// <summary>An empty database.</summary>
    public async Task<TestDatabase> EmptyAsync() => new(await _server!.CreateDatabaseAsync(TestContext.Current.CancellationToken));

    /// <summary>A database with all migrations.</summary>
    public async Task<TestDatabase> MigratedAsync()
    {
        var database = await EmptyAsync();
        await database.MigrateAsync();
        return database;
    }
}

/// <summary>A database and short ways to ask it.</summary>
public sealed class TestDatabase(string connectionString) : IAsyncDisposable
{
    public NpgsqlDataSource Source { get; } = NpgsqlDataSource.Create(connectionString);

    public PollingDbContext Context() => new(new DbContextOptionsBuilder<PollingDbContext>().UseNpgsql(connectionString).Options);

    public async Task<int> MigrateAsync()
    {
        await using var context = Context();
        return await new MigrationRunner(context, TimeProvider.System, NullLogger<MigrationRunner>.Instance)
            .RunAsync(TestContext.Current.CancellationToken);
    }

    public async Task<T?> ScalarAsync<T>(string sql)
    {
        await using var command = Source.CreateCommand(sql);
        return await command.ExecuteScalarAsync(TestContext.Current.CancellationToken) is T value ? value : default;
    }

    public async Task ExecuteAsync(string sql)
    {
        await using var command = Source.CreateCommand(sql);
        await command.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
    }

    /// <summary>Two carriers with an account each: A/A1 (ids 1, 1) and B/B1 (ids 2, 2).</summary>
    public Task AddAccountsAsync() => ExecuteAsync(
        """
        INSERT INTO tb_carrier (code, name) VALUES ('A', 'a'), ('B', 'b');
        INSERT INTO tb_carrier_account (carrier_id, code, name, calls_per_second, cards_per_call, max_in_flight, status)
        VALUES (1, 'A1', 'a', 10, 1, 10, 1), (2, 'B1', 'b', 10, 1, 10, 1)
        """);

    public ValueTask DisposeAsync() => Source.DisposeAsync();
}
