using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Mime;
using System.Text;
using System.Text.Json;
using Polling.Core.Cards;
using Polling.Core.Carriers;
using Polling.Core.Queue.Facts;
using Polling.Executor.Checks;
using Polling.Executor.Gateway;

namespace Polling.Executor.Dialects.Jasper;

/// <summary>
/// In the manner of China Unicom's Jasper (Cisco Control Center): REST with Basic authentication, one card a call, bytes as of a time, the cycle named (from the
/// 27th), exact figures of cycles that are over, errors as HTTP statuses with a code in the body.
/// </summary>
internal sealed class JasperDialect(GatewayHttp http) : IDialect
{
    private static readonly ErrorTable Errors = new(unknownCards: ["20000002"], refusals: ["10000001"]);

    public CarrierDialect Dialect => CarrierDialect.Jasper;

    public string MockRoot => "rws/api/v1/";

    public int CardsPerCallMax => 1;

    public async Task<IReadOnlyList<CardReading<RealNameStatus>>> ReadRealNamesAsync(
        CarrierCall call, GatewayAccount account, IReadOnlyList<CardFacts> cards, CancellationToken cancellation) =>
        [await ReadAsync(call, account, cards.Single(), "", device => ReadingRules.RealName(device.Flag("realNameStatus")), cancellation)];

    public async Task<IReadOnlyList<CardReading<UsageReading>>> ReadUsagesAsync(
        CarrierCall call, GatewayAccount account, IReadOnlyList<CardFacts> cards, CancellationToken cancellation) =>
        [await ReadAsync(
            call, account, cards.Single(), "/ctdUsages",
            usage => ReadingRules.Usage(
                usage.Amount("ctdDataUsage").ToRequiredBytes(1), GatewayTime.OfIso(usage.Text("asOf")), GatewayTime.OfDay(usage.Text("cycleStartDate"))),
            cancellation)];

    public async Task<IReadOnlyList<CardReading<PackageReading>>> ReadPackagesAsync(
        CarrierCall call, GatewayAccount account, IReadOnlyList<CardFacts> cards, CancellationToken cancellation) =>
        [await ReadAsync(
            call, account, cards.Single(), "",
            device => ReadingRules.Package(device.Text("ratePlan"), device.Amount("ratePlanAllowance").ToBytes(1)), cancellation)];

    public Task<CardReading<long>> ReadPastCycleAsync(
        CarrierCall call, GatewayAccount account, CardFacts card, DateOnly cycle, CancellationToken cancellation) =>
        ReadAsync(
            call, account, card, $"/usageInZone?cycleStartDate={cycle.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture)}",
            usage => ReadingRules.Bytes(usage.Amount("dataUsage").ToRequiredBytes(1)), cancellation);

    public Task<CardReading<StopReading>> ReadStopAsync(CarrierCall call, GatewayAccount account, CardFacts card, CancellationToken cancellation) =>
        ReadAsync(
            call, account, card, "",
            device => ReadingRules.Stop(device.Text("status"), "ACTIVATED", "DEACTIVATED", device.Text("stopReason"), "CUSTOMER"), cancellation);

    public async Task<ChangeReading> ChangeStopAsync(
        CarrierCall call, GatewayAccount account, CardFacts card, bool isStopped, string idempotencyKey, CancellationToken cancellation)
    {
        var body = isStopped ? """{"status":"DEACTIVATED"}""" : """{"status":"ACTIVATED"}""";
        var request = Request(HttpMethod.Put, account, card, "");
        request.Headers.Add("Idempotency-Key", idempotencyKey);
        request.Content = new StringContent(body, Encoding.UTF8, MediaTypeNames.Application.Json);
        var done = await SendAsync(call, request, card, _ => CardReading<bool>.Of(true), cancellation, isChange: true);
        return done.Error is Problem.NoAnswer or Problem.WrongCard
            ? throw new GatewayException(done.Error, "The gateway's answer is not about the card.") { Outcome = GatewayOutcome.Ambiguous }
            : ErrorTable.Change(done.Error);
    }

    public Task<ChangeReading> ReadJobAsync(CarrierCall call, GatewayAccount account, CardFacts card, string jobId, CancellationToken cancellation) =>
        throw new NotSupportedException("Jasper knows no jobs.");

    private Task<CardReading<T>> ReadAsync<T>(
        CarrierCall call, GatewayAccount account, CardFacts card, string path, Func<JsonElement, CardReading<T>> read, CancellationToken cancellation) =>
        SendAsync(call, Request(HttpMethod.Get, account, card, path), card, read, cancellation);

    private Task<CardReading<T>> SendAsync<T>(
        CarrierCall call, HttpRequestMessage request, CardFacts card, Func<JsonElement, CardReading<T>> read, CancellationToken cancellation, bool isChange = false) =>
        http.SendAsync(call, request, answer => Read(answer, card, read), cancellation, isChange, readsErrors: true);

    private static CardReading<T> Read<T>(GatewayAnswer answer, CardFacts card, Func<JsonElement, CardReading<T>> read)
    {
        if ((int)answer.Status / 100 != 2)
        {
            // Without a code of Jasper's it is some proxy's answer: the transport says what follows from the status.
            var code = answer.Json.Text("errorCode") ?? throw new FormatException("An error without a code.");
            return answer.Status == HttpStatusCode.TooManyRequests
                ? throw Errors.Failure("40000029", answer.Json.Text("errorMessage"))
                : CardReading<T>.Wrong(Errors.Check(code, answer.Json.Text("errorMessage"), isOfOneCard: true) ?? Problem.BadValue);
        }

        return CardAnswers.CheckCard(card, answer.Json, "iccid") is { } other ? CardReading<T>.Wrong(other) : read(answer.Json);
    }

    private static HttpRequestMessage Request(HttpMethod method, GatewayAccount account, CardFacts card, string path) =>
        new(method, new Uri(account.BaseUrl, $"devices/{card.Number}{path}"))
        {
            Headers =
            {
                Authorization = new AuthenticationHeaderValue(
                    "Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"{account.AppId}:{account.RequiredSecret()}"))),
            },
        };
}
