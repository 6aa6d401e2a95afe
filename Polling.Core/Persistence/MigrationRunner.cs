using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;
using Microsoft.EntityFrameworkCore.Storage;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace Polling.Core.Persistence;

/// <summary>Brings the database to the newest migration. Only the admin API does it; the others wait (<see cref="MigrationWait"/>).</summary>
/// <remarks>Several may run at once: an advisory lock lets one work, the others find nothing left to do.</remarks>
public sealed partial class MigrationRunner(PollingDbContext context, TimeProvider clock, ILogger<MigrationRunner> logger)
{
    /// <summary>"polling" in ASCII; any number would do that no other program uses in this database.</summary>
    internal const long AdvisoryLock = 0x70_6F_6C_6C_69_6E_67;

    /// <summary>How long a server that cannot be reached yet is waited for.</summary>
    public TimeSpan ReachableWithin { get; init; } = TimeSpan.FromSeconds(60);

    /// <returns>How many migrations were applied.</returns>
    /// <exception cref="InvalidOperationException">A newer version has migrated the database; the message says what to do.</exception>
    /// <exception cref="NpgsqlException">PostgreSQL could not be reached in time, or refused.</exception>
    public async Task<int> RunAsync(CancellationToken cancellationToken)
    {
        var started = clock.GetTimestamp();
        await using var connection = new NpgsqlConnection(context.Database.GetConnectionString());
        await OpenAsync(connection, cancellationToken);
        await using (var take = new NpgsqlCommand("SELECT pg_advisory_lock($1)", connection))
        {
            take.Parameters.Add(new NpgsqlParameter { Value = AdvisoryLock });
            take.CommandTimeout = 0;
            await take.ExecuteNonQueryAsync(cancellationToken);
        }

        // The lock ends with the connection's session: a crash cannot leave it behind. The history is made first, because EF would
        // report its absence as a failed command.
        await using (var history = new NpgsqlCommand(context.GetService<IHistoryRepository>().GetCreateIfNotExistsScript(), connection))
        {
            await history.ExecuteNonQueryAsync(cancellationToken);
        }

        NewerSchema.Refuse(await context.Database.GetAppliedMigrationsAsync(cancellationToken), [.. context.Database.GetMigrations()]);
        var pending = (await context.Database.GetPendingMigrationsAsync(cancellationToken)).ToList();
        if (pending.Count > 0)
        {
            await context.Database.MigrateAsync(cancellationToken);
        }

        LogMigrated(pending.Count, clock.GetElapsedTime(started).TotalMilliseconds);
        await using var release = new NpgsqlCommand("SELECT pg_advisory_unlock_all()", connection);
        await release.ExecuteNonQueryAsync(CancellationToken.None);
        return pending.Count;
    }

    private async Task OpenAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        var started = clock.GetTimestamp();
        for (var first = true; ; first = false)
        {
            try
            {
                await connection.OpenAsync(cancellationToken);
                return;
            }
            catch (PostgresException e) when (e.SqlState == PostgresErrorCodes.InvalidCatalogName)
            {
                await CreateDatabaseAsync(cancellationToken);
            }
            catch (NpgsqlException e) when (PostgresOutage.IsOne(e) && clock.GetElapsedTime(started) < ReachableWithin)
            {
                if (first)
                {
                    LogWaiting(connection.Host, connection.Port, e.Message, ReachableWithin.TotalSeconds);
                }

                await Task.Delay(MigrationWait.Pause, clock, cancellationToken);
            }
        }
    }

    private async Task CreateDatabaseAsync(CancellationToken cancellationToken)
    {
        try
        {
            await context.GetService<IRelationalDatabaseCreator>().CreateAsync(cancellationToken);
        }
        catch (PostgresException e) when (e.SqlState is PostgresErrorCodes.DuplicateDatabase or PostgresErrorCodes.UniqueViolation)
        {
            // Another process was faster.
        }
    }

    [LoggerMessage(
        Level = LogLevel.Warning, Message = "PostgreSQL at {Host}:{Port} does not answer yet ({Reason}); trying for {Seconds:F0} s")]
    private partial void LogWaiting(string? host, int port, string reason, double seconds);

    [LoggerMessage(Level = LogLevel.Information, Message = "Database is at the newest migration; {Applied} applied in {ElapsedMs:F0} ms")]
    private partial void LogMigrated(int applied, double elapsedMs);
}
