using System.Globalization;
using System.Net.Http.Headers;
using System.Net.Mime;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Polling.Core.Cards;
using Polling.Core.Carriers;
using Polling.Core.Queue.Facts;
using Polling.Executor.Checks;
using Polling.Executor.Gateway;

namespace Polling.Executor.Dialects.Telecom;

/// <summary>
/// In the manner of China Telecom's 5GCMP: signed POSTs, one card a call, texts such as "12.34MB" as of a time, natural months, exact figures of months
/// that are over, stops and resumes at once.
/// </summary>
internal sealed class TelecomDialect(GatewayHttp http, TimeProvider time) : IDialect
{
    private const string Unit = "MB";
    private static readonly ErrorTable Errors = new();
    private static readonly TimeSpan Beijing = TimeSpan.FromHours(8);

    public CarrierDialect Dialect => CarrierDialect.Telecom;

    public string MockRoot => "5gcmp/openapi/v1/";

    public int CardsPerCallMax => 1;

    public async Task<IReadOnlyList<CardReading<RealNameStatus>>> ReadRealNamesAsync(
        CarrierCall call, GatewayAccount account, IReadOnlyList<CardFacts> cards, CancellationToken cancellation) =>
        [await ReadAsync(call, account, "queryRealName", cards.Single(), data => ReadingRules.RealName(data, "isRealName"), cancellation)];

    public async Task<IReadOnlyList<CardReading<UsageReading>>> ReadUsagesAsync(
        CarrierCall call, GatewayAccount account, IReadOnlyList<CardFacts> cards, CancellationToken cancellation) =>
        [await ReadAsync(
            call, account, "queryTraffic", cards.Single(),
            data => data.IsBlank("totalFlow") ? ReadingRules.NoUsage : ReadingRules.Usage(
                data.Amount("totalFlow").ToRequiredBytes(GatewayAmount.Megabyte, Unit), GatewayTime.OfDigits(data.Text("statTime"), "yyyyMMddHHmmss", Beijing)),
            cancellation)];

    public async Task<IReadOnlyList<CardReading<PackageReading>>> ReadPackagesAsync(
        CarrierCall call, GatewayAccount account, IReadOnlyList<CardFacts> cards, CancellationToken cancellation) =>
        [await ReadAsync(
            call, account, "queryPackage", cards.Single(),
            data => ReadingRules.Package(
                data.Text("prodCode"), data.Amount("totalFlow").ToBytes(GatewayAmount.Megabyte, Unit), data.Amount("usedFlow").ToBytes(GatewayAmount.Megabyte, Unit),
                EndOfDay(GatewayTime.OfDigits(data.Text("expireDate"), "yyyyMMdd", Beijing))),
            cancellation)];

    public Task<CardReading<long>> ReadPastCycleAsync(
        CarrierCall call, GatewayAccount account, CardFacts card, DateOnly cycle, CancellationToken cancellation) =>
        ReadAsync(
            call, account, "queryTraffic", card, data => ReadingRules.Bytes(data.Amount("totalBytes").ToRequiredBytes(1)), cancellation,
            ("month", cycle.ToString("yyyyMM", CultureInfo.InvariantCulture)));

    public Task<CardReading<StopReading>> ReadStopAsync(CarrierCall call, GatewayAccount account, CardFacts card, CancellationToken cancellation) =>
        ReadAsync(
            call, account, "queryStatus", card, data => ReadingRules.Stop(data.Text("status"), "1", "2", data.Text("stopType"), "1"), cancellation);

    public async Task<ChangeReading> ChangeStopAsync(
        CarrierCall call, GatewayAccount account, CardFacts card, bool isStopped, string idempotencyKey, CancellationToken cancellation)
    {
        var done = await ReadAsync(
            call, account, isStopped ? "stopCard" : "resumeCard", card, _ => CardReading<bool>.Of(true), cancellation, ("requestId", idempotencyKey), isChange: true);
        return done.Error is Problem.NoAnswer or Problem.WrongCard
            ? throw new GatewayException(done.Error, "The gateway's answer is not about the card.") { Outcome = GatewayOutcome.Ambiguous }
            : ErrorTable.Change(done.Error);
    }

    public Task<ChangeReading> ReadJobAsync(CarrierCall call, GatewayAccount account, CardFacts card, string jobId, CancellationToken cancellation) =>
        throw new NotSupportedException("5GCMP knows no jobs.");

    // The day named is the last one that the package is good for.
    private static GatewayTime EndOfDay(GatewayTime day) => day with { Value = day.Value?.AddDays(1) };

    private Task<CardReading<T>> ReadAsync<T>(
        CarrierCall call, GatewayAccount account, string method, CardFacts card, Func<JsonElement, CardReading<T>> read, CancellationToken cancellation,
        (string Name, string Value)? more = null, bool isChange = false) =>
        http.SendAsync(
            call, Signed(call, account, method, card, more),
            answer =>
            {
                if (Errors.Check(answer.Json.Text("resultCode"), answer.Json.Text("resultMsg"), isOfOneCard: true) is { } wrong)
                {
                    return CardReading<T>.Wrong(wrong);
                }

                var data = answer.Json.Field("data") ?? default;
                return CardAnswers.CheckCard(card, data, "iccid") is { } other ? CardReading<T>.Wrong(other) : read(data);
            },
            cancellation, isChange);

    // Dated by the clock that results are dated by: the carrier refuses what is five minutes off.
    private HttpRequestMessage Signed(CarrierCall call, GatewayAccount account, string method, CardFacts card, (string Name, string Value)? more)
    {
        var fields = new Dictionary<string, string> { ["iccid"] = card.Number };
        if (more is { } further)
        {
            fields[further.Name] = further.Value;
        }

        var body = JsonSerializer.SerializeToUtf8Bytes(fields);
        var timestamp = call.Now(time).ToUnixTimeMilliseconds().ToString(CultureInfo.InvariantCulture);
        byte[] signedText = [.. Encoding.UTF8.GetBytes(account.AppId + timestamp), .. body];
        var signed = HMACSHA256.HashData(Encoding.UTF8.GetBytes(account.RequiredSecret()), signedText);
        return new HttpRequestMessage(HttpMethod.Post, new Uri(account.BaseUrl, method))
        {
            Headers = { { "X-App-Key", account.AppId }, { "X-Timestamp", timestamp }, { "X-Sign", Convert.ToHexStringLower(signed) } },
            Content = new ByteArrayContent(body) { Headers = { ContentType = new MediaTypeHeaderValue(MediaTypeNames.Application.Json) } },
        };
    }
}
