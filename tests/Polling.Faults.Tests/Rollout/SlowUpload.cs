using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Polling.Faults.Tests.Harness;

namespace Polling.Faults.Tests.Rollout;

/// <summary>
/// A file of cards of which half is with the admin API when that is told to stop, and half comes after it: a request that runs is answered. The cards are in
/// the database as they are in the file, so nothing changes.
/// </summary>
internal sealed class SlowUpload
{
    private const int Cards = 100;
    private readonly HttpClient _http;
    private readonly ServiceProcess _api;
    private readonly Halves _body = new();
    private readonly Task<HttpResponseMessage> _answer;

    private SlowUpload(HttpClient http, ServiceProcess api)
    {
        (_http, _api) = (http, api);
        _answer = http.PostAsync(new Uri(api.Address, "/api/admin/cards/import"), _body, TestContext.Current.CancellationToken);
    }

    /// <summary>Sends the first half.</summary>
    public static async Task<SlowUpload> BeginAsync(HttpClient http, ServiceProcess api)
    {
        var upload = new SlowUpload(http, api);
        await await Task.WhenAny(upload._body.FirstIsSent.Task, upload._answer);
        return upload;
    }

    /// <summary>Waits until the API takes no new requests, sends the rest, and reads the answer.</summary>
    public async Task EndAsync()
    {
        await Condition.HoldsAsync(
            async () => !await _api.IsHealthyAsync(_http, TestContext.Current.CancellationToken), Condition.Patience, "the API goes on", TimeSpan.FromMilliseconds(10));
        _body.MaySendSecond.SetResult();
        using var answer = await _answer;
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        var report = await answer.Content.ReadFromJsonAsync<JsonElement>(TestContext.Current.CancellationToken);
        Assert.Equal((Cards, Cards), (report.GetProperty("rows").GetInt32(), report.GetProperty("unchanged").GetInt32()));
    }

    private sealed class Halves : HttpContent
    {
        public Halves() => Headers.ContentType = new MediaTypeHeaderValue("text/csv");

        public TaskCompletionSource FirstIsSent { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public TaskCompletionSource MaySendSecond { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
        {
            await WriteAsync(stream, "iccid,carrier,account\n" + Rows(1, Cards / 2));
            FirstIsSent.SetResult();
            await MaySendSecond.Task;
            await WriteAsync(stream, Rows(Cards / 2 + 1, Cards));
        }

        protected override bool TryComputeLength(out long length)
        {
            length = 0;
            return false;
        }

        private static async Task WriteAsync(Stream stream, string text)
        {
            await stream.WriteAsync(Encoding.UTF8.GetBytes(text));
            await stream.FlushAsync();
        }

        private static string Rows(int first, int last) => string.Concat(
            Enumerable.Range(first, last - first + 1).Select(id => string.Create(CultureInfo.InvariantCulture, $"8986{id:D16},C,{Fleet.AccountOf(id).Code}\n")));
    }
}
