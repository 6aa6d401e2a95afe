using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Polling.AdminApi.Tests.OpenApi;

namespace Polling.AdminApi.Tests.Fuzz;

/// <summary>
/// Requests generated from the whole OpenAPI document, to the real API on a real Redis and PostgreSQL with a scheduler beside it. Whatever is
/// sent: no answer is a 5xx, what breaks the document is refused by a problem that says why, nothing hangs, memory stays bounded, and what
/// was written can be read. The seed is printed; <c>FUZZ_SEED</c> makes the same requests again, <c>FUZZ_REQUESTS</c> as many as it says.
/// </summary>
public sealed class FuzzTests(ITestOutputHelper output)
{
    private const int Workers = 8;
    private const int FailuresMax = 20;

    // Measured: 30 to 75 MB. A body of 10 MB of each sender would be 80 MB more if it were kept, several times that if it were parsed.
    private const long MemoryGrowthMax = 200L * 1024 * 1024;

    // What needs a state that requests alone do not make: an alert that was raised, a card that we suspended, a breaker that is open.
    private const int NeverDoneMax = 4;
    private const int TriesMax = 100;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private readonly ConcurrentQueue<string> _failures = [];
    private readonly ConcurrentDictionary<string, int> _counts = [];
    private readonly ConcurrentDictionary<string, bool> _done = [];

    [Fact]
    public Task Two_thousand_requests() => RunAsync(2000);

    [Fact, Trait("Category", "Long")]
    public Task Twenty_thousand_requests() => RunAsync(20_000);

    private async Task RunAsync(int requests)
    {
        var seed = Number("FUZZ_SEED") ?? Random.Shared.Next();
        requests = Number("FUZZ_REQUESTS") ?? requests;
        output.WriteLine($"FUZZ_SEED={seed} makes these {requests} requests again");
        await using var system = new PollingSystem
        {
            Api = new ApiProcess
            {
                Settings = [PollingSystem.Loopback, ("Polling__Access__RequestsPerSecond", "100000"), ("Polling__Access__RequestsAtOnce", "100000")],
            },
        };
        await system.InitializeAsync();
        var api = system.Api;
        var document = new ApiDocument((await api.GetAsync(ApiDocument.Path)).Body);
        await ReadEverythingAsync(api, document);
        var before = api.WorkingSet;
        var peak = before;
        var started = Stopwatch.GetTimestamp();
        using var client = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false, Expect100ContinueTimeout = Patience }) { Timeout = Patience };
        var stalled = Task.WhenAll(StallAsync(api, "POST /api/admin/carriers"), StallAsync(api, "POST /api/admin/cards/import"));
        var next = -1;
        await Task.WhenAll(Enumerable.Range(0, Workers).Select(async _ =>
        {
            for (var index = Interlocked.Increment(ref next); index < requests && _failures.Count < FailuresMax; index = Interlocked.Increment(ref next))
            {
                await TryAsync(client, api.Client.BaseAddress!, document, new FuzzGenerator(document, unchecked((seed * 397) + index)).Next());
                if (index % 50 == 0)
                {
                    peak = Math.Max(Interlocked.Read(ref peak), api.WorkingSet);
                }
            }
        }));
        await stalled;
        await TryRestAsync(client, api.Client.BaseAddress!, document, seed);
        var elapsed = Stopwatch.GetElapsedTime(started);
        if (_failures.IsEmpty)
        {
            await ReadEverythingAsync(api, document);
        }

        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{elapsed.TotalSeconds:F1} s, memory {before >> 20} MB, at most {peak >> 20} MB"));
        var refused = document.Operations.Select(operation => $"{operation}").Except(_done.Keys).ToArray();
        output.WriteLine($"never done: {string.Join(", ", refused)}");
        output.WriteLine(string.Join("; ", _counts.OrderBy(count => count.Key, StringComparer.Ordinal).Select(count => $"{count.Key}: {count.Value}")));
        Assert.True(_failures.IsEmpty, $"FUZZ_SEED={seed} makes these requests again.\n{string.Join('\n', _failures)}");
        Assert.True(peak - before < MemoryGrowthMax, $"FUZZ_SEED={seed}: memory grew from {before >> 20} MB to {peak >> 20} MB");
        Assert.True(refused.Length <= NeverDoneMax, $"FUZZ_SEED={seed}: no right request was made for {string.Join(", ", refused)}");
        using var health = await api.Client.GetAsync(new Uri("/health", UriKind.Relative), TestContext.Current.CancellationToken);
        Assert.Equal(200, (int)health.StatusCode);
    }

    // What chance has not hit: the same operation, of something that was made for it.
    private async Task TryRestAsync(HttpClient client, Uri server, ApiDocument document, int seed)
    {
        var generator = new FuzzGenerator(document, seed);
        foreach (var operation in document.Operations.Where(operation => !_done.ContainsKey($"{operation}")))
        {
            var made = document.Operations.FirstOrDefault(other => other.Method == "POST" && operation.Path.StartsWith($"{other.Path}/{{id}}", StringComparison.Ordinal));
            for (var tries = 0; tries < TriesMax && !_done.ContainsKey($"{operation}") && _failures.IsEmpty; tries++)
            {
                var answer = made is null ? null : await TryAsync(client, server, document, generator.Right(made));
                var id = answer is not null && JsonElement.Parse(answer).TryGetProperty("id", out var found) ? found.ToString() : null;
                await TryAsync(client, server, document, generator.Right(operation, id));
            }
        }
    }

    // The body of an answer that is no refusal.
    private async Task<byte[]?> TryAsync(HttpClient client, Uri server, ApiDocument document, FuzzRequest request, bool isAgain = false)
    {
        try
        {
            using var message = request.Message(server);
            message.Headers.ConnectionClose = isAgain ? true : null;
            using var response = await client.SendAsync(message, TestContext.Current.CancellationToken);
            var status = (int)response.StatusCode;
            var body = await response.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken);
            _counts.AddOrUpdate($"{request.Kind} {status}", 1, (_, count) => count + 1);
            if (status < 300)
            {
                _done[$"{request.Operation}"] = true;
            }

            if (FuzzJudge.Judge(document, request, status, response, body) is { } wrong)
            {
                Fail($"{request}\n    {status}: {wrong}\n    {Encoding.UTF8.GetString(body.AsSpan(0, Math.Min(body.Length, 500)))}");
            }

            return status < 300 && body.Length > 0 ? body : null;
        }
        catch (TaskCanceledException)
        {
            Fail($"{request}\n    was not answered within {Patience}");
        }
        catch (HttpRequestException) when (request.CutAt < 1 || (request.Kind == "10 MB" && !(request.AsksFirst && request.Operation.BodyTypes.Count > 0)))
        {
            // The body was cut by us, or is refused before it was read: the connection ends.
            _counts.AddOrUpdate($"{request.Kind} cut", 1, (_, count) => count + 1);
        }
        catch (HttpRequestException e) when (e.HttpRequestError == HttpRequestError.ResponseEnded && !isAgain)
        {
            // The connection was kept from a request whose body was not read to its end, and ended just now: this request is not why.
            _counts.AddOrUpdate("asked again", 1, (_, count) => count + 1);
            return await TryAsync(client, server, document, request, isAgain: true);
        }
        catch (HttpRequestException e)
        {
            Fail($"{request}\n    {e.Message} {e.InnerException?.Message}");
        }

        return null;
    }

    // A body that stops coming is refused within seconds, not waited for.
    private async Task StallAsync(ApiProcess api, string line)
    {
        using var socket = new TcpClient();
        await socket.ConnectAsync("127.0.0.1", api.Client.BaseAddress!.Port, TestContext.Current.CancellationToken);
        var stream = socket.GetStream();
        var type = line.EndsWith("import", StringComparison.Ordinal) ? "text/csv" : "application/json";
        await stream.WriteAsync(
            Encoding.ASCII.GetBytes($"{line} HTTP/1.1\r\nHost: localhost:{api.Client.BaseAddress!.Port}\r\nContent-Type: {type}\r\nContent-Length: 1000\r\n\r\n{{"),
            TestContext.Current.CancellationToken);
        using var reader = new StreamReader(stream, Encoding.UTF8);
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        patience.CancelAfter(Patience);
        var answer = await reader.ReadToEndAsync(patience.Token);
        if (!answer.StartsWith("HTTP/1.1 4", StringComparison.Ordinal) || !answer.Contains("application/problem+json", StringComparison.Ordinal))
        {
            Fail($"{line} with a body that stops: {answer}");
        }
    }

    // Every GET, and the GET of everything that a list has.
    private async Task ReadEverythingAsync(ApiProcess api, ApiDocument document)
    {
        var gets = document.Operations.Where(operation => operation.Method == "GET").ToArray();
        foreach (var list in gets.Where(get => !get.Path.Contains('{', StringComparison.Ordinal)))
        {
            var query = list.Parameters.Where(parameter => parameter.IsRequired || parameter.Name == "page_size")
                .Select(parameter => $"{parameter.Name}={parameter.Schema.GetProperty("maximum").GetInt64()}");
            var (status, body) = await ReadAsync($"{list.Path}?{string.Join('&', query)}", list);
            if (status != 200 || !body.TryGetProperty("items", out var items))
            {
                continue;
            }

            string[] ids = [.. items.EnumerateArray().Select(item => item.TryGetProperty("id", out var id) || item.TryGetProperty("trigger_id", out id) ? id.ToString() : "").Where(id => id.Length > 0).Take(200)];
            foreach (var one in gets.Where(get => get.Path.StartsWith($"{list.Path}/{{id}}", StringComparison.Ordinal)))
            {
                foreach (var id in ids)
                {
                    await ReadAsync(one.Path.Replace("{id}", id, StringComparison.Ordinal), one);
                }
            }
        }

        async Task<(int Status, JsonElement Body)> ReadAsync(string path, ApiOperation operation)
        {
            var (status, body) = await api.GetAsync(path);
            var wrong = status == 200 ? SchemaCheck.Check(document, operation.Answers["200"]!.Value, body) : "is not read any more";
            if (wrong is not null)
            {
                Fail($"GET {path}: {status} {wrong} {body.GetRawText()[..Math.Min(500, body.GetRawText().Length)]}");
            }

            return (status, body);
        }
    }

    private void Fail(string what)
    {
        if (_failures.Count < FailuresMax)
        {
            _failures.Enqueue(what);
        }
    }

    private static int? Number(string variable) =>
        int.TryParse(Environment.GetEnvironmentVariable(variable), CultureInfo.InvariantCulture, out var given) ? given : null;
}
