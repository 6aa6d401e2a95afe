using System.Diagnostics;
using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Npgsql;
using Polling.AppHost.LocalServers;
using Polling.TestServers;

[assembly: AssemblyFixture(typeof(Polling.AdminApi.Tests.ApiProcess))]

namespace Polling.AdminApi.Tests;

/// <summary>The admin API as a process of its own, in development with 25 demo cards, on a real PostgreSQL and Redis.</summary>
public sealed class ApiProcess : IAsyncLifetime
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("polling-api-");
    private readonly List<string> _output = [];
    private TestPostgres? _postgres;
    private TestRedis? _redis;
    private Process? _process;

    /// <summary>Settings besides the usual ones.</summary>
    public IReadOnlyList<(string Key, string Value)> Settings { get; init; } = [];

    /// <summary>What is done with PostgreSQL before the process starts; given its port.</summary>
    public Func<int, Task> Prepare { get; init; } = _ => Task.CompletedTask;

    /// <summary>PostgreSQL's port.</summary>
    public int PostgresPort => _postgres!.Port;

    public HttpClient Client { get; } = new() { Timeout = TimeSpan.FromMinutes(5) };

    /// <summary>For StackExchange.Redis.</summary>
    public string Redis => _redis!.ConnectionString;

    /// <summary>For Npgsql.</summary>
    public string Postgres => _postgres!.ConnectionString;

    /// <summary>Bytes of memory that the process holds now.</summary>
    public long WorkingSet
    {
        get
        {
            _process!.Refresh();
            return _process.WorkingSet64;
        }
    }

    public async ValueTask InitializeAsync()
    {
        _postgres = await TestPostgres.StartAsync();
        _redis = await TestRedis.StartAsync(RedisEngines.Found[0]);
        await Prepare(_postgres.Port);
        var address = $"http://127.0.0.1:{FreePort.Next()}";
        _process = Start(
            _folder.FullName,
            [("ASPNETCORE_ENVIRONMENT", "Development"),
            ("ASPNETCORE_URLS", address),
            ("ConnectionStrings__redis", _redis.ConnectionString),
            ("ConnectionStrings__polling", _postgres.ConnectionString),
            ("Polling__DemoCards", "25"),
            .. Settings]);
        _process.OutputDataReceived += Keep;
        _process.ErrorDataReceived += Keep;
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
        Client.BaseAddress = new Uri(address);
        await UntilHealthyAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (_process is { } process)
        {
            process.Kill();
            process.Dispose();
        }

        if (_redis is not null)
        {
            await _redis.DisposeAsync();
        }

        if (_postgres is not null)
        {
            await _postgres.DisposeAsync();
        }

        Client.Dispose();
        _folder.Delete(recursive: true);
    }

    /// <summary>Starts the API's program with settings of a test's choice.</summary>
    public static Process Start(string folder, params (string Key, string Value)[] settings) =>
        StartProgram("Polling.AdminApi.dll", folder, settings);

    /// <summary>Starts a program of the system.</summary>
    public static Process StartProgram(string program, string folder, params (string Key, string Value)[] settings)
    {
        var start = new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, program)])
        {
            WorkingDirectory = folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var (key, value) in settings)
        {
            start.Environment[key] = value;
        }

        return Process.Start(start)!;
    }

    /// <summary>A file that the process writes below its folder.</summary>
    public Task<string> LogAsync(string name) =>
        File.ReadAllTextAsync(Path.Combine(_folder.FullName, "logs", name), TestContext.Current.CancellationToken);

    public async Task<(int Status, JsonElement Body)> GetAsync(string path)
    {
        using var response = await Client.GetAsync(new Uri(path, UriKind.Relative), TestContext.Current.CancellationToken);
        return await BodyAsync(response);
    }

    /// <summary>Sends a JSON text as it is, also a broken one.</summary>
    public async Task<(int Status, JsonElement Body)> SendAsync(HttpMethod method, string path, string? json = null)
    {
        using var request = new HttpRequestMessage(method, new Uri(path, UriKind.Relative));
        request.Content = json is null ? null : new StringContent(json, Encoding.UTF8, "application/json");
        using var response = await Client.SendAsync(request, TestContext.Current.CancellationToken);
        return response.StatusCode == HttpStatusCode.NoContent ? (204, default) : await BodyAsync(response);
    }

    public async Task<(int Status, JsonElement Body)> ImportAsync(HttpContent content)
    {
        using var response = await Client.PostAsync(
            new Uri("/api/admin/cards/import", UriKind.Relative), content, TestContext.Current.CancellationToken);
        return await BodyAsync(response);
    }

    public async Task<long> CountCardsAsync()
    {
        await using var source = NpgsqlDataSource.Create(_postgres!.ConnectionString);
        await using var command = source.CreateCommand("SELECT count(*) FROM tb_card");
        return (long)(await command.ExecuteScalarAsync(TestContext.Current.CancellationToken))!;
    }

    private static async Task<(int Status, JsonElement Body)> BodyAsync(HttpResponseMessage response)
    {
        var body = await response.Content.ReadFromJsonAsync<JsonElement>(TestContext.Current.CancellationToken);
        return ((int)response.StatusCode, body);
    }

    private async Task UntilHealthyAsync()
    {
        using var patience = new CancellationTokenSource(Patience);
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(100));
        while (await timer.WaitForNextTickAsync(patience.Token))
        {
            if (_process!.HasExited)
            {
                throw new InvalidOperationException($"the admin API has ended: {string.Join('\n', _output)}");
            }

            try
            {
                using var response = await Client.GetAsync(new Uri("/health", UriKind.Relative), patience.Token);
                if (response.IsSuccessStatusCode)
                {
                    return;
                }
            }
            catch (HttpRequestException)
            {
                // It does not listen yet.
            }
        }
    }

    private void Keep(object sender, DataReceivedEventArgs line)
    {
        lock (_output)
        {
            _output.Add(line.Data ?? "");
        }
    }
}
