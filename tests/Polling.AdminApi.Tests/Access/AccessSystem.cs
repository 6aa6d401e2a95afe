using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text;
using System.Text.Json;
using Npgsql;
using Polling.TestServers;

namespace Polling.AdminApi.Tests.Access;

/// <summary>What a process said before it ended.</summary>
public sealed record Ended(int ExitCode, string Output, string Error);

/// <summary>What was answered.</summary>
public sealed record Answered(int Status, string Text, HttpResponseMessage Response)
{
    public JsonElement Body => JsonElement.Parse(Text);
}

[CollectionDefinition(nameof(AccessSystem))]
public sealed class AccessGroup : ICollectionFixture<AccessSystem>;

/// <summary>A second admin API on the stores of <see cref="PollingSystem"/>, as it runs in production: with keys and with limits that a test can reach.</summary>
public sealed class AccessSystem(PollingSystem stores) : IAsyncLifetime
{
    public const string Keys = "/api/admin/api-keys";
    public const int KeyRequestsAtOnce = 100;
    public const int AnonymousPerSecond = 100;
    private const string Api = "Polling.AdminApi.dll";
    private const string DatabaseUser = "production";
    private const string DatabasePassword = "a-password-of-its-own";
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("polling-access-");
    private readonly ConcurrentBag<string> _answers = [];
    private readonly ConcurrentBag<string> _tokens = [];
    private readonly StringBuilder _output = new();
    private readonly HttpClient _client = new(new SocketsHttpHandler { MaxConnectionsPerServer = 50, UseCookies = false }) { Timeout = Patience };
    private NpgsqlDataSource? _postgres;
    private Process? _process;

    /// <summary>What came of starting it in production before there was a key.</summary>
    public Ended WithoutKey { get; private set; } = null!;

    /// <summary>The same in development, for other machines.</summary>
    public Ended OpenToOthers { get; private set; } = null!;

    /// <summary>What came of starting the API and a scheduler in production with the password of development.</summary>
    public IReadOnlyList<Ended> DefaultPassword { get; private set; } = [];

    /// <summary>What the command said that made the first key.</summary>
    public Ended Command { get; private set; } = null!;

    public NpgsqlDataSource Postgres => _postgres!;

    /// <summary>The key that the command made: "first", for administrators.</summary>
    public string Admin => Command.Output.Trim();

    public string Operate { get; private set; } = "";

    public string Read { get; private set; } = "";

    /// <summary>All keys that were made.</summary>
    public IReadOnlyCollection<string> Tokens => _tokens;

    /// <summary>All answers but those that showed a new key.</summary>
    public string Answers => string.Join('\n', _answers);

    /// <summary>All that the process has said and logged.</summary>
    public string Logs => $"{_output}{string.Join('\n', _folder.EnumerateFiles("*.log", SearchOption.AllDirectories).Select(file => File.ReadAllText(file.FullName)))}";

    public async ValueTask InitializeAsync()
    {
        _postgres = NpgsqlDataSource.Create(stores.Api.Postgres);
        await MakeDatabaseUserAsync();
        var refused = RunAsync(Production($"http://127.0.0.1:{FreePort.Next()}"));
        DefaultPassword = await Task.WhenAll(
            new[] { Api, "Polling.Scheduler.dll" }.Select(program => EndAsync(Start(program, [("ASPNETCORE_ENVIRONMENT", "Production"), ("ASPNETCORE_URLS", "http://127.0.0.1:0"), .. Stores()]))));
        OpenToOthers = await RunAsync([("ASPNETCORE_ENVIRONMENT", "Development"), ("ASPNETCORE_URLS", $"http://0.0.0.0:{FreePort.Next()}"), .. Stores()]);
        WithoutKey = await refused;
        Command = await RunAsync(Stores(), "create-api-key", "--name", "first", "--scope", "admin", "--expires-days", "1");
        _tokens.Add(Admin);

        var address = $"http://127.0.0.1:{FreePort.Next()}";
        _process = Start(Api, Production(address));
        _process.OutputDataReceived += Keep;
        _process.ErrorDataReceived += Keep;
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
        _client.BaseAddress = new Uri(address);
        await PollingSystem.UntilAsync(Patience, async () => !_process.HasExited && await IsHealthyAsync());
        Operate = await MakeKeyAsync("operator", "operate");
        Read = await MakeKeyAsync("reader", "read");
    }

    public async ValueTask DisposeAsync()
    {
        if (_process is { } process)
        {
            process.Kill();
            process.Dispose();
        }

        if (_postgres is not null)
        {
            await _postgres.DisposeAsync();
        }

        _client.Dispose();
        _folder.Delete(recursive: true);
    }

    /// <summary>Runs the API's program to its end.</summary>
    public Task<Ended> RunAsync((string Key, string Value)[] settings, params string[] arguments) => EndAsync(Start(Api, settings, arguments));

    private static async Task<Ended> EndAsync(Process started)
    {
        using var process = started;
        var output = process.StandardOutput.ReadToEndAsync();
        var error = await process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync().WaitAsync(Patience);
        return new Ended(process.ExitCode, await output, error);
    }

    /// <summary>Where the stores are.</summary>
    public (string Key, string Value)[] Stores() =>
        [("ConnectionStrings__redis", stores.Api.Redis), ("ConnectionStrings__polling", stores.Api.Postgres), ("Polling__DemoCards", "25")];

    /// <summary>Makes a key by the API.</summary>
    public async Task<string> MakeKeyAsync(string name, string scope, DateTimeOffset? expiresAt = null)
    {
        var made = await SendAsync(Admin, HttpMethod.Post, Keys, JsonSerializer.Serialize(new { name, scope, expires_at = expiresAt?.ToString("O") }), isShown: true);
        Assert.Equal((201, "no-store"), (made.Status, made.Response.Headers.CacheControl?.ToString()));
        _tokens.Add(made.Body.Text("token")!);
        return made.Body.Text("token")!;
    }

    public Task<Answered> GetAsync(string? key, string path) => SendAsync(key, HttpMethod.Get, path);

    public async Task<Answered> SendAsync(
        string? key, HttpMethod method, string path, string? body = null, string type = "application/json", bool isShown = false, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(method, new Uri(path, UriKind.Relative));
        request.Content = body is null ? null : new StringContent(body, Encoding.UTF8, type);
        foreach (var (name, value) in headers)
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        if (key is not null)
        {
            request.Headers.TryAddWithoutValidation("Authorization", $"Bearer {key}");
        }

        var response = await _client.SendAsync(request, TestContext.Current.CancellationToken);
        var text = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        if (!isShown)
        {
            _answers.Add($"{response.Headers}{text}");
        }

        return new Answered((int)response.StatusCode, text, response);
    }

    /// <summary>Method and path of each operation of the OpenAPI document.</summary>
    public async Task<IReadOnlyList<(string Method, string Path)>> OperationsAsync()
    {
        var document = (await GetAsync(null, "/openapi/v1.json")).Body;
        return
        [
            .. document.GetProperty("paths").EnumerateObject().SelectMany(path => path.Value.EnumerateObject()
                .Where(operation => operation.Name is "get" or "post" or "put" or "delete" or "patch").Select(operation => (operation.Name.ToUpperInvariant(), path.Name))),
        ];
    }

    public async Task<T> AskAsync<T>(string sql)
    {
        await using var command = Postgres.CreateCommand(sql);
        return (T)(await command.ExecuteScalarAsync(TestContext.Current.CancellationToken))!;
    }

    private (string Key, string Value)[] Production(string address) =>
    [
        ("ASPNETCORE_ENVIRONMENT", "Production"),
        ("ASPNETCORE_URLS", address),
        ("Polling__Access__RequestsPerSecond", "50"),
        ("Polling__Access__RequestsAtOnce", $"{KeyRequestsAtOnce}"),
        ("Polling__Access__AnonymousPerSecond", $"{AnonymousPerSecond}"),
        .. Stores(),
        ("ConnectionStrings__polling", new NpgsqlConnectionStringBuilder(stores.Api.Postgres) { Username = DatabaseUser, Password = DatabasePassword }.ConnectionString),
    ];

    // Production takes no password that everybody knows.
    private async Task MakeDatabaseUserAsync()
    {
        await using var command = Postgres.CreateCommand($"CREATE ROLE {DatabaseUser} LOGIN SUPERUSER PASSWORD '{DatabasePassword}'");
        await command.ExecuteNonQueryAsync();
    }

    private Process Start(string program, (string Key, string Value)[] settings, params string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, program), .. arguments])
        {
            WorkingDirectory = _folder.FullName,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var (key, value) in settings)
        {
            start.Environment[key] = value;
        }

        return Process.Start(start)!;
    }

    private async Task<bool> IsHealthyAsync()
    {
        try
        {
            return (await GetAsync(null, "/health")).Status == 200;
        }
        catch (HttpRequestException)
        {
            // It does not listen yet.
            return false;
        }
    }

    private void Keep(object sender, DataReceivedEventArgs line)
    {
        lock (_output)
        {
            _output.AppendLine(line.Data);
        }
    }
}
