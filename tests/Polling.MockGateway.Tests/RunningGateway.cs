using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace Polling.MockGateway.Tests;

/// <summary>The real gateway on a free port, with latency off unless a setting says otherwise.</summary>
internal sealed class RunningGateway : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly DirectoryInfo _folder;

    private RunningGateway(WebApplication app, DirectoryInfo folder)
    {
        (_app, _folder) = (app, folder);
        Http = new HttpClient { BaseAddress = new Uri(app.Urls.First()), Timeout = TimeSpan.FromSeconds(30) };
    }

    public Uri Address => Http.BaseAddress!;

    private HttpClient Http { get; }

    public static Task<RunningGateway> StartAsync(params (string Key, string Value)[] settings) => StartAsync(_ => { }, settings);

    public static async Task<RunningGateway> StartAsync(Action<IServiceCollection> replace, params (string Key, string Value)[] settings)
    {
        var folder = Directory.CreateTempSubdirectory("polling-gateway-");
        var app = MockGatewayApp.Build([], builder =>
        {
            builder.WebHost.UseUrls("http://127.0.0.1:0");
            replace(builder.Services);
            builder.Configuration.AddInMemoryCollection(
                settings.Select(setting => KeyValuePair.Create(setting.Key, (string?)setting.Value))
                    .Prepend(new("Polling:LogDirectory", folder.FullName))
                    .Prepend(new("MockGateway:Behaviour:Latency:Enabled", "false")));
        });
        await app.StartAsync();
        return new(app, folder);
    }

    public async Task<HttpResponseMessage> PostAsync(string account, object body, string caller = "test")
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        return await PostUntilAsync(account, body, caller, patience.Token);
    }

    /// <summary>As <see cref="PostAsync"/>, but the caller leaves when the token says so.</summary>
    public async Task<HttpResponseMessage> PostUntilAsync(string account, object body, string caller, CancellationToken gone)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, $"/gateway/{account}/realname") { Content = JsonContent.Create(body) };
        request.Headers.Add("X-Polling-Caller", caller);
        return await Http.SendAsync(request, gone);
    }

    /// <summary>Asks about cards; the call must get an answer with status 0.</summary>
    public async Task<Dictionary<string, bool?>> AskAsync(string account, params IEnumerable<string> cards)
    {
        using var response = await PostAsync(account, Asking(cards));
        var answer = (await response.Content.ReadFromJsonAsync<JsonObject>())!;
        Assert.Equal("0", (string?)answer["status"]);
        return answer["results"]!.AsArray().ToDictionary(card => (string)card!["id"]!, card => (bool?)card!["real_name"]);
    }

    /// <summary>Asks for any task; the call must get an answer with status 0. The cards' answers, in the order asked.</summary>
    public async Task<List<JsonObject>> AskForAsync(string task, string account, params IEnumerable<string> cards)
    {
        using var response = await Http.PostAsJsonAsync($"/gateway/{account}/{task}", Asking(cards));
        var answer = await JsonOf(response);
        Assert.Equal("0", (string?)answer["status"]);
        return [.. answer["results"]!.AsArray().Select(card => card!.AsObject())];
    }

    public async Task<JsonObject> GetAsync(string path) => (await Http.GetFromJsonAsync<JsonObject>(path))!;

    public Task<string> TextAsync(string path) => Http.GetStringAsync(new Uri(path, UriKind.Relative));

    public Task<HttpResponseMessage> TryGetAsync(string path) => Http.GetAsync(new Uri(path, UriKind.Relative));

    public Task<HttpResponseMessage> DeleteAsync(string path) => Http.DeleteAsync(new Uri(path, UriKind.Relative));

    public Task<HttpResponseMessage> ResetAsync() => Http.PostAsync(new Uri("/control/reset", UriKind.Relative), null);

    /// <summary>Every token issued so far is refused from now on.</summary>
    public async Task ExpireTokensAsync()
    {
        using var response = await Http.PostAsync(new Uri("/control/tokens/expire", UriKind.Relative), null);
        response.EnsureSuccessStatusCode();
    }

    /// <summary>What the carrier knows of a card is changed.</summary>
    public async Task ForceAsync(string card, string json)
    {
        using var response = await PutAsync($"/control/cards/{card}", json);
        Assert.True(response.IsSuccessStatusCode, await response.Content.ReadAsStringAsync());
    }

    /// <summary>The stops and resumes of a card: action, result, key, and whether the key had been used.</summary>
    public async Task<(string Action, string Result, string? Key, bool Repeated)[]> StopsAsync(string card) =>
    [
        .. (await GetAsync($"/control/stops?card={card}"))["stops"]!.AsArray().Select(stop =>
            ((string)stop!["action"]!, (string)stop["result"]!, (string?)stop["idempotency_key"], (bool)stop["repeated"]!)),
    ];

    public Task<HttpResponseMessage> SendAsync(HttpRequestMessage request) => Http.SendAsync(request);

    public async Task<HttpResponseMessage> PostTextAsync(string account, string body)
    {
        using var content = new StringContent(body);
        return await Http.PostAsync(new Uri($"/gateway/{account}/realname", UriKind.Relative), content);
    }

    public static async Task<JsonObject> JsonOf(HttpResponseMessage response) => (await response.Content.ReadFromJsonAsync<JsonObject>())!;

    public static Task<string> TextOf(HttpResponseMessage response) => response.Content.ReadAsStringAsync();

    public async Task<HttpResponseMessage> PutAsync(string path, string json)
    {
        using var content = new StringContent(json);
        return await Http.PutAsync(new Uri(path, UriKind.Relative), content);
    }

    public async Task BehaveAsync(string json)
    {
        using var response = await PutAsync("/control/behaviour", json);
        Assert.True(response.IsSuccessStatusCode, await response.Content.ReadAsStringAsync());
    }

    /// <summary>All calls in the ledger, page by page.</summary>
    public async Task<List<JsonElement>> LedgerAsync(string filter = "", int limit = 1000)
    {
        var calls = new List<JsonElement>();
        for (long since = 0; ;)
        {
            var page = await Http.GetFromJsonAsync<JsonElement>($"/control/ledger?since_sequence={since}&limit={limit}{filter}");
            calls.AddRange(page.GetProperty("calls").EnumerateArray());
            since = page.GetProperty("next_since_sequence").GetInt64();
            if (!page.GetProperty("has_more").GetBoolean())
            {
                return calls;
            }
        }
    }

    public static object Asking(params IEnumerable<string> cards) => new { cards = cards.Select(card => new { id = card }) };

    /// <summary>A well-formed iccid.</summary>
    public static string Iccid(int number) => $"8986{number:d16}";

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        await _app.DisposeAsync();
        _folder.Delete(recursive: true);
    }
}
