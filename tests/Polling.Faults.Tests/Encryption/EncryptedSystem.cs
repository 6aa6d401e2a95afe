using Npgsql;
using Polling.Faults.Tests.Harness;
using Polling.TestServers;
using Condition = Polling.Faults.Tests.Harness.Condition;

namespace Polling.Faults.Tests.Encryption;

/// <summary>
/// Servers that speak nothing but TLS, for the host <c>localhost</c>, with users that have no more rights than docs/deployment.md gives them; and processes of
/// the system, in production.
/// </summary>
internal sealed class EncryptedSystem : IAsyncDisposable
{
    private const string Host = "localhost";
    private const string User = "polling_tls";
    private const string Password = "a-password-of-its-own";

    private readonly string _folder = Directory.CreateTempSubdirectory("polling-tls-").FullName;
    private readonly TestAuthority _authority;
    private readonly List<ServiceProcess> _processes = [];
    private readonly TestRedisTls _redis;
    private readonly TestPostgres _postgres;

    private EncryptedSystem(TestAuthority authority, TestRedisTls redis, TestPostgres postgres)
    {
        (_authority, _redis, _postgres) = (authority, redis, postgres);
        Database = NpgsqlDataSource.Create(PostgresString + ";Pooling=false");
        Settings = new()
        {
            ["ASPNETCORE_ENVIRONMENT"] = "Production",
            ["ConnectionStrings__redis"] = RedisString,
            ["Polling__Redis__CertificateAuthority"] = authority.CertificateFile,
            ["ConnectionStrings__polling"] = PostgresString,
        };
        Gateway = Process("gateway", "Polling.MockGateway", ("ASPNETCORE_ENVIRONMENT", "Development"));
    }

    public HttpClient Http { get; } = new();

    /// <summary>The database, as the system's user.</summary>
    public NpgsqlDataSource Database { get; }

    public ServiceProcess Gateway { get; }

    /// <summary>Settings of a process that is let in.</summary>
    public Dictionary<string, string?> Settings { get; }

    /// <summary>The right way to Redis.</summary>
    public string RedisString => FormattableString.Invariant($"{Host}:{_redis.Port},ssl=true,user=polling,password={Password}");

    /// <summary>The right way to PostgreSQL.</summary>
    public string PostgresString => FormattableString.Invariant(
        $"Host={Host};Port={_postgres.Port};Username={User};Password={Password};Database={User};SSL Mode=VerifyFull;Root Certificate={_authority.CertificateFile}");

    public static async Task<EncryptedSystem> StartAsync(string redisUser, CancellationToken cancellation)
    {
        var authority = new TestAuthority(Host);
        var redis = TestRedisTls.StartAsync(authority, redisUser.Replace(">…", ">" + Password, StringComparison.Ordinal), cancellation);
        var postgres = await TestPostgres.StartTlsAsync(authority, cancellation);
        await using (var administrator = NpgsqlDataSource.Create(postgres.ConnectionString + ";SSL Mode=Require;Pooling=false"))
        {
            // As docs/deployment.md says.
            foreach (var sql in new[] { $"CREATE ROLE {User} LOGIN PASSWORD '{Password}'", $"CREATE DATABASE {User} OWNER {User}" })
            {
                await using var command = administrator.CreateCommand(sql);
                await command.ExecuteNonQueryAsync(cancellation);
            }
        }

        return new EncryptedSystem(authority, await redis, postgres);
    }

    /// <summary>A process with these settings on top of the others. It dies with the system.</summary>
    public ServiceProcess Process(string name, string program, params IEnumerable<(string Key, string? Value)> changes)
    {
        var settings = new Dictionary<string, string?>(Settings);
        foreach (var (key, value) in changes)
        {
            settings[key] = value;
        }

        var process = new ServiceProcess(name, program, _folder, settings);
        _processes.Add(process);
        return process;
    }

    /// <summary>Waits until cards are checked for each task.</summary>
    public async Task PollsAsync(CancellationToken cancellation)
    {
        var effects = new Effects(Database);
        foreach (var type in Fleet.Tasks)
        {
            await Condition.HoldsAsync(() => effects.IsCheckedSinceAsync(type, default), Condition.Patience, $"no card is checked for {type}");
        }

        cancellation.ThrowIfCancellationRequested();
    }

    /// <summary>All that the processes have logged.</summary>
    public string Logs() => string.Join('\n', Directory.EnumerateFiles(Path.Combine(_folder, "logs"), "*.log").Select(File.ReadAllText));

    public async ValueTask DisposeAsync()
    {
        await Task.WhenAll(_processes.Select(process => process.KillAsync()));
        await Database.DisposeAsync();
        await _redis.DisposeAsync();
        await _postgres.DisposeAsync();
        _authority.Dispose();
        Http.Dispose();
        Directory.Delete(_folder, recursive: true);
    }
}
