using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace Polling.Core.Persistence;

/// <summary>For the processes that do not migrate: waits until another has.</summary>
public static partial class MigrationWait
{
    internal static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(250);

    private static readonly TimeSpan PauseMax = TimeSpan.FromSeconds(2);

    /// <summary>
    /// Returns when every migration that this build knows is applied; the database may be further ahead, as far as <see cref="NewerSchema"/> allows. Needs an
    /// <see cref="NpgsqlDataSource"/> and the <see cref="PollingDbContext"/> in the services.
    /// </summary>
    /// <param name="services">The application's services.</param>
    /// <param name="timeout">How long to wait at most; null = 5 minutes.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="InvalidOperationException">The database is too far ahead; the message says what to do.</exception>
    /// <exception cref="TimeoutException">Time is up; the message says what is missing.</exception>
    /// <exception cref="NpgsqlException">PostgreSQL refused for a reason that waiting does not mend, such as a wrong password.</exception>
    public static async Task WaitForMigrationsAsync(
        this IServiceProvider services, TimeSpan? timeout = null, CancellationToken cancellationToken = default)
    {
        var clock = services.GetService<TimeProvider>() ?? TimeProvider.System;
        var logger = services.GetRequiredService<ILoggerFactory>().CreateLogger("Polling.Persistence");
        var database = services.GetRequiredService<NpgsqlDataSource>();
        var limit = timeout ?? TimeSpan.FromMinutes(5);
        var started = clock.GetTimestamp();
        var pause = Pause;
        for (var first = true; ; first = false)
        {
            var missing = await MissingAsync(services, database, cancellationToken);
            if (missing is null)
            {
                return;
            }

            if (clock.GetElapsedTime(started) >= limit)
            {
                throw new TimeoutException($"the database was not ready after {limit.TotalSeconds:F0} s: {missing}; is the admin API running?");
            }

            if (first)
            {
                LogWaiting(logger, missing);
            }

            await Task.Delay(pause, clock, cancellationToken);
            pause = pause * 1.5 < PauseMax ? pause * 1.5 : PauseMax;
        }
    }

    private static async Task<string?> MissingAsync(
        IServiceProvider services, NpgsqlDataSource database, CancellationToken cancellationToken)
    {
        List<string> known, applied = [];
        await using (var scope = services.CreateAsyncScope())
        {
            known = [.. scope.ServiceProvider.GetRequiredService<PollingDbContext>().Database.GetMigrations()];
        }

        try
        {
            await using var command = database.CreateCommand("""SELECT "MigrationId" FROM "__EFMigrationsHistory" """);
            await using var reader = await command.ExecuteReaderAsync(cancellationToken);
            while (await reader.ReadAsync(cancellationToken))
            {
                applied.Add(reader.GetString(0));
            }
        }
        catch (PostgresException e) when (e.SqlState == PostgresErrorCodes.UndefinedTable)
        {
            return "no migration is applied yet";
        }
        catch (NpgsqlException e) when (PostgresOutage.IsOne(e))
        {
            return $"PostgreSQL does not answer yet ({e.Message})";
        }

        NewerSchema.Refuse(applied, known);
        var missing = known.Except(applied).ToArray();
        return missing.Length == 0 ? null : $"{missing.Length} migrations are not applied yet, first {missing[0]}";
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Waiting for the database: {Missing}")]
    private static partial void LogWaiting(ILogger logger, string missing);
}
