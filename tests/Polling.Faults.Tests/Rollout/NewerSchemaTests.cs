using Polling.Faults.Tests.Harness;

namespace Polling.Faults.Tests.Rollout;

/// <summary>
/// The database is ahead of the processes, as in a rollout and after one that is taken back: what runs goes on, and what starts says in one line why it
/// does not, unless the newer version only added something.
/// </summary>
public class NewerSchemaTests(SharedSystem shared)
{
    private const string Contracting = "20990101000000_DropColumns";
    private const string Expanding = "20990101000000_ExpandCards";
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(10);

    [Fact]
    public async Task A_newer_schema_refuses_an_older_process_and_leaves_a_running_one_alone()
    {
        var system = await shared.TakeAsync();
        await using var api = system.Api;
        await using var run = await FaultRun.BeginAsync(system);
        var (scheduler, executor) = (system.Schedulers[0], system.Executors[0]);
        await run.StrikeAsync();
        await Task.WhenAll(scheduler.TerminateAsync(Grace), executor.TerminateAsync(Grace));
        await system.Effects.ExecuteAsync($"""INSERT INTO "__EFMigrationsHistory" VALUES ('{Contracting}', '10.0.0')""");
        try
        {
            foreach (var (name, end) in await Task.WhenAll(new[] { api, scheduler, executor }.Select(async process => (process.Name, await process.RunAsync(Condition.Patience)))))
            {
                Assert.Equal(1, end.ExitCode);
                Assert.Contains(
                    $"cannot start: the database was migrated by a newer version (migration {Contracting}, which this build does not know and may not pass over): "
                        + "start that version, or restore the backup that was made before the upgrade",
                    Assert.Single(end.Output.Split('\n'), line => line.Contains("cannot start", StringComparison.Ordinal)), StringComparison.Ordinal);
            }

            await system.Effects.ExecuteAsync($"""UPDATE "__EFMigrationsHistory" SET "MigrationId" = '{Expanding}' WHERE "MigrationId" = '{Contracting}'""");
            await Task.WhenAll(system.StartAsync(scheduler), system.StartAsync(executor));
        }
        finally
        {
            await system.Effects.ExecuteAsync($"""DELETE FROM "__EFMigrationsHistory" WHERE "MigrationId" IN ('{Contracting}', '{Expanding}')""");
        }

        await run.EndAsync();
    }
}
