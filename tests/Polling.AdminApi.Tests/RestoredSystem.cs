using System.Diagnostics;
using System.Globalization;
using Npgsql;

namespace Polling.AdminApi.Tests;

/// <summary>
/// A second system, started on an empty database into which the four configuration tables of the first were restored, as operators do it: pg_dump and
/// psql.
/// </summary>
public sealed class RestoredSystem : IAsyncLifetime
{
    public static readonly string[] Tables = ["tb_polling_config", "tb_polling_concurrency_config", "tb_polling_alert_rule", "tb_data_cleanup_config"];

    private readonly PollingSystem _first;
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("polling-backup-");

    public RestoredSystem(PollingSystem first)
    {
        _first = first;
        System = new PollingSystem { Api = new ApiProcess { Prepare = BackUpAndRestoreAsync } };
    }

    public PollingSystem System { get; }

    /// <summary>What each table held when it was backed up, as pg_dump writes it.</summary>
    public Dictionary<string, string[]> BackedUp { get; } = [];

    public async ValueTask InitializeAsync() => await System.InitializeAsync();

    public async ValueTask DisposeAsync()
    {
        await System.DisposeAsync();
        _folder.Delete(recursive: true);
    }

    /// <summary>Runs SQL on the restored system's database.</summary>
    public async Task<object?> SqlAsync(string sql)
    {
        await using var source = NpgsqlDataSource.Create(System.Api.Postgres);
        await using var command = source.CreateCommand(sql);
        command.CommandTimeout = 120;
        return await command.ExecuteScalarAsync(TestContext.Current.CancellationToken);
    }

    /// <summary>The rows of a table of the restored system, as pg_dump writes them.</summary>
    public Task<string[]> RowsAsync(string table) => DumpAsync(System.Api.PostgresPort, table);

    private async Task BackUpAndRestoreAsync(int port)
    {
        await _first.Api.SendAsync(HttpMethod.Post, "/api/admin/polling-configs", """{"name": "备份", "task_type": "package", "card_status": 2, "interval_seconds": 86400}""");
        await _first.Api.SendAsync(HttpMethod.Put, "/api/admin/polling-concurrency/package", """{"max_concurrency": 77}""");
        foreach (var table in Tables)
        {
            BackedUp.Add(table, await DumpAsync(_first.Api.PostgresPort, table));
            await RunAsync(port, $"psql -v ON_ERROR_STOP=1 -h 127.0.0.1 -U polling -d polling < {table}.sql");
        }
    }

    private async Task<string[]> DumpAsync(int port, string table)
    {
        await RunAsync(port, $"pg_dump -h 127.0.0.1 -U polling -d polling -t {table} > {table}.sql");
        var lines = await File.ReadAllLinesAsync(Path.Combine(_folder.FullName, table + ".sql"));
        return [.. lines.SkipWhile(line => !line.StartsWith("COPY ", StringComparison.Ordinal)).TakeWhile(line => line != "\\.")];
    }

    private async Task RunAsync(int port, string command)
    {
        var start = new ProcessStartInfo("bash", ["-c", command]) { WorkingDirectory = _folder.FullName, RedirectStandardOutput = true, RedirectStandardError = true };
        (start.Environment["PGPORT"], start.Environment["PGPASSWORD"]) = (port.ToString(CultureInfo.InvariantCulture), "polling");
        using var process = Process.Start(start)!;
        var (output, errors) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.WaitForExitAsync();
        Assert.True(process.ExitCode == 0, $"{command}: {await output}{await errors}");
    }
}
