using System.Diagnostics;
using System.Globalization;
using Npgsql;
using Polling.AppHost.LocalServers;
using Polling.AppHost.Processes;

namespace Polling.TestServers;

/// <summary>
/// A PostgreSQL of a test's own, on a free port of 127.0.0.1, with the user, password and database <c>polling</c>. It
/// dies with the test process.
/// </summary>
public sealed class TestPostgres : IAsyncDisposable
{
    private readonly LocalPostgresOptions _options;
    private readonly string _folder;
    private SupervisedProcess _process;
    private int _databases;

    private TestPostgres(LocalPostgresOptions options, string folder, SupervisedProcess process)
    {
        _options = options;
        _folder = folder;
        _process = process;
    }

    /// <summary>The port on 127.0.0.1; it stays the same across restarts.</summary>
    public int Port => _options.Port;

    /// <summary>The process id of the server's first process, the postmaster.</summary>
    public int Pid => _process.Id;

    /// <summary>For Npgsql: the database <c>polling</c>, empty at the start.</summary>
    public string ConnectionString => ConnectionStringTo("polling");

    /// <summary>Starts a server on a fresh cluster and waits until it takes connections: about a quarter of a second.</summary>
    /// <param name="durable">Whether it waits for the disk. Data outlives <see cref="KillAsync"/> either way.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <exception cref="LocalServerException">There is no PostgreSQL on this machine, and none can be fetched.</exception>
    public static async Task<TestPostgres> StartAsync(bool durable = false, CancellationToken cancellationToken = default)
    {
        var (folder, options) = Prepare(durable);
        await CopyClusterAsync(options, cancellationToken);
        return new TestPostgres(options, folder, await LocalPostgres.StartAsync(options, cancellationToken));
    }

    /// <summary>Starts one that takes connections by TLS only, from 127.0.0.1; <see cref="ConnectionString"/> is refused without it.</summary>
    /// <param name="authority">Whose certificate it shows.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <exception cref="LocalServerException">There is no PostgreSQL on this machine, and none can be fetched.</exception>
    public static async Task<TestPostgres> StartTlsAsync(TestAuthority authority, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(authority);
        var (folder, options) = Prepare(durable: false);
        await CopyClusterAsync(options, cancellationToken);
        authority.CopyTo(options.DataDirectory);
        await File.AppendAllTextAsync(Path.Combine(options.DataDirectory, "postgresql.conf"), "ssl = on\n", cancellationToken);
        await File.WriteAllTextAsync(Path.Combine(options.DataDirectory, "pg_hba.conf"), "hostssl all all 127.0.0.1/32 scram-sha-256\n", cancellationToken);
        return new TestPostgres(options, folder, await LocalPostgres.StartAsync(options, cancellationToken));
    }

    /// <summary>Starts one that follows another: a copy of it that streams what is written there.</summary>
    internal static async Task<TestPostgres> StartStandbyAsync(TestPostgres primary, CancellationToken cancellationToken)
    {
        var (folder, options) = Prepare(durable: false);
        if (!OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(options.DataDirectory, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }

        ProcessUser.Unprivileged?.TakeOver(options.DataDirectory);
        var output = Path.Combine(folder, "copy.log");
        var exitCode = await SupervisedProcess.RunAsync(
            new ProcessSpec
            {
                Name = "pg_basebackup",
                FileName = PostgresBinaries.Found().Select(found => Path.Combine(found.Folder, "pg_basebackup")).First(File.Exists),
                Arguments =
                [
                    "-h", "127.0.0.1", "-p", primary.Port.ToString(CultureInfo.InvariantCulture), "-U", "polling", "-D", options.DataDirectory,
                    "--write-recovery-conf", "--checkpoint=fast", "--no-sync",
                ],
                Environment = new Dictionary<string, string?> { ["PGPASSWORD"] = "polling" },
                WorkingDirectory = options.DataDirectory,
                OutputFile = output,
                User = ProcessUser.Unprivileged,
            },
            cancellationToken);
        return exitCode == 0
            ? new TestPostgres(options, folder, await LocalPostgres.StartAsync(options, cancellationToken))
            : throw new LocalServerException($"PostgreSQL cannot be copied: {await File.ReadAllTextAsync(output, cancellationToken)}");
    }

    /// <summary>Kills the server at once, all its processes: those that serve connections outlive the first one until they look for it, and answer meanwhile.</summary>
    public async Task KillAsync()
    {
        var backends = Backends();
        await _process.KillAsync();
        foreach (var backend in backends)
        {
            using (backend)
            {
                backend.Kill();
            }
        }
    }

    /// <summary>Starts the server again, with its data and on the same port; kills it first if it still runs.</summary>
    public async Task RestartAsync(CancellationToken cancellationToken = default)
    {
        await KillAsync();
        _process = await LocalPostgres.StartAsync(_options, cancellationToken);
    }

    /// <summary>Makes another, empty database on this server, for a test that wants one to itself.</summary>
    /// <returns>Its connection string.</returns>
    public async Task<string> CreateDatabaseAsync(CancellationToken cancellationToken = default)
    {
        var name = $"polling_{Interlocked.Increment(ref _databases)}";
        await using var connection = new NpgsqlConnection(ConnectionStringTo("postgres"));
        await connection.OpenAsync(cancellationToken);
        await using var command = connection.CreateCommand();
        command.CommandText = $"CREATE DATABASE {name}";
        await command.ExecuteNonQueryAsync(cancellationToken);
        return ConnectionStringTo(name);
    }

    /// <summary>Kills the server and removes its data.</summary>
    public async ValueTask DisposeAsync()
    {
        await KillAsync();
        TestFolders.Remove(_folder);
    }

    private static (string Folder, LocalPostgresOptions Options) Prepare(bool durable)
    {
        var folder = TestFolders.Create("postgres");
        return (folder, new LocalPostgresOptions
        {
            Port = FreePort.Next(),
            DataDirectory = Path.Combine(folder, "data"),
            Durable = durable,
            OutputFile = Path.Combine(folder, "output.log"),
        });
    }

    private static Task CopyClusterAsync(LocalPostgresOptions options, CancellationToken cancellationToken) =>
        LocalPostgres.CopyClusterAsync(Path.Combine(TestFolders.Root, "postgres-template"), options.DataDirectory, cancellationToken);

    // Each is a session of its own, so no signal to a group reaches them.
    private List<Process> Backends()
    {
        var children = $"/proc/{_process.Id}/task/{_process.Id}/children";
        var backends = new List<Process>();
        foreach (var id in File.Exists(children) ? File.ReadAllText(children).Split(' ', StringSplitOptions.RemoveEmptyEntries) : [])
        {
            try
            {
                backends.Add(Process.GetProcessById(int.Parse(id, CultureInfo.InvariantCulture)));
            }
            catch (ArgumentException)
            {
                // It has ended since.
            }
        }

        return backends;
    }

    private string ConnectionStringTo(string database) =>
        $"Host=127.0.0.1;Port={Port};Username=polling;Password=polling;Database={database};Include Error Detail=true";
}
