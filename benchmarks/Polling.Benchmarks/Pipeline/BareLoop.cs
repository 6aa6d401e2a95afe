using System.Diagnostics;
using System.Net;
using System.Net.Mime;
using System.Text;
using System.Text.Json;
using Polling.Benchmarks.Processes;

namespace Polling.Benchmarks.Pipeline;

/// <summary>
/// An <see cref="HttpClient"/> in a loop, many times at once, with the request that an executor sends for the real name of a card: what HTTP and the gateway
/// can do when nothing is claimed, charged, parsed or kept.
/// </summary>
internal sealed class BareLoop : IDisposable
{
    private const string Ok = "0";
    private static readonly TimeSpan AnswerPatience = TimeSpan.FromSeconds(15);
    private readonly HttpClient _http = new(new SocketsHttpHandler
    {
        MaxConnectionsPerServer = 2_000,
        AutomaticDecompression = DecompressionMethods.All,
        AllowAutoRedirect = false,
        UseCookies = false,
    })
    { Timeout = AnswerPatience };

    private readonly (Uri Address, string Iccid)[] _cards;
    private long _answers;
    private int _next;

    private BareLoop((Uri, string)[] cards) => _cards = cards;

    /// <summary>A loop over a tenth of the cards in use, of all accounts.</summary>
    public static async Task<BareLoop> OverAsync(BenchmarkSystem system)
    {
        var cards = new List<(Uri, string)>();
        await using var command = system.Postgres.CreateCommand(
            "SELECT iccid, code FROM tb_card JOIN tb_carrier_account a ON a.id = account_id WHERE tb_card.status = 1 AND tb_card.id % 10 = 0 ORDER BY tb_card.id");
        await using var reader = await command.ExecuteReaderAsync();
        var addresses = new Dictionary<string, Uri>();
        while (await reader.ReadAsync())
        {
            var account = reader.GetString(1);
            if (!addresses.TryGetValue(account, out var address))
            {
                addresses[account] = address = new Uri(system.Processes.GatewayAddress, $"gateway/{account}/realname");
            }

            cards.Add((address, reader.GetString(0)));
        }

        return new BareLoop([.. cards]);
    }

    /// <summary>Asks.</summary>
    /// <param name="workers">Requests at once.</param>
    /// <param name="warmUp">Not counted.</param>
    /// <param name="time">Counted.</param>
    /// <returns>Answers a second.</returns>
    /// <exception cref="HttpRequestException">The gateway has not answered with success.</exception>
    /// <exception cref="InvalidOperationException">It answers, but not the question.</exception>
    public async Task<double> RunAsync(int workers, TimeSpan warmUp, TimeSpan time)
    {
        await CheckAsync();
        using var stop = new CancellationTokenSource();
        var all = Task.WhenAll(Enumerable.Range(0, workers).Select(_ => Task.Run(() => AskAsync(stop.Token))));
        await Task.Delay(warmUp);
        var (before, started) = (Interlocked.Read(ref _answers), Stopwatch.GetTimestamp());
        await Task.Delay(time);
        var rate = (Interlocked.Read(ref _answers) - before) / Stopwatch.GetElapsedTime(started).TotalSeconds;
        await stop.CancelAsync();
        await all;
        return rate;
    }

    public void Dispose() => _http.Dispose();

    private async Task AskAsync(CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            await AskOneAsync();
            Interlocked.Increment(ref _answers);
        }
    }

    // As the executor's plain dialect does.
    private async Task<byte[]> AskOneAsync()
    {
        var number = Interlocked.Increment(ref _next);
        var (address, iccid) = _cards[number % _cards.Length];
        using var request = new HttpRequestMessage(HttpMethod.Post, address)
        {
            Content = new StringContent($"{{\"cards\":[{{\"id\":\"{iccid}\"}}]}}", Encoding.UTF8, MediaTypeNames.Application.Json),
        };
        request.Headers.Add("Idempotency-Key", $"bare:{number}");
        request.Headers.Add("X-Polling-Caller", "bare-loop");
        using var response = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        response.EnsureSuccessStatusCode();
        return await response.Content.ReadAsByteArrayAsync();
    }

    private async Task CheckAsync()
    {
        var answer = await AskOneAsync();
        using var json = JsonDocument.Parse(answer);
        if (json.RootElement.GetProperty("results")[0].GetProperty("status").GetString() != Ok)
        {
            throw new InvalidOperationException($"The gateway answered the bare loop: {Encoding.UTF8.GetString(answer)}");
        }
    }
}
