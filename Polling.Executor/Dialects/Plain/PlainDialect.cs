using System.Globalization;
using System.Net.Mime;
using System.Text;
using System.Text.Json;
using Polling.Core.Cards;
using Polling.Core.Carriers;
using Polling.Core.Queue.Facts;
using Polling.Executor.Checks;
using Polling.Executor.Gateway;

namespace Polling.Executor.Dialects.Plain;

/// <summary>The plain JSON gateway: batches of up to 500 cards, bytes, each card with a status of its own, no authentication.</summary>
internal sealed class PlainDialect(GatewayHttp http) : IDialect
{
    private static readonly ErrorTable Errors = new();

    public CarrierDialect Dialect => CarrierDialect.Plain;

    public string MockRoot => "";

    public int CardsPerCallMax => CarrierAccount.CardsPerCallMax;

    public Task<IReadOnlyList<CardReading<RealNameStatus>>> ReadRealNamesAsync(
        CarrierCall call, GatewayAccount account, IReadOnlyList<CardFacts> cards, CancellationToken cancellation) =>
        AskAsync(call, account, "realname", cards, card => ReadingRules.RealName(card.Flag("real_name")), cancellation);

    public Task<IReadOnlyList<CardReading<UsageReading>>> ReadUsagesAsync(
        CarrierCall call, GatewayAccount account, IReadOnlyList<CardFacts> cards, CancellationToken cancellation) =>
        AskAsync(
            call, account, "carddata", cards,
            card => ReadingRules.Usage(
                card.Amount("used_bytes").ToRequiredBytes(1), GatewayTime.OfIso(card.Text("as_of")), GatewayTime.OfDay(card.Text("cycle"))),
            cancellation);

    public Task<IReadOnlyList<CardReading<PackageReading>>> ReadPackagesAsync(
        CarrierCall call, GatewayAccount account, IReadOnlyList<CardFacts> cards, CancellationToken cancellation) =>
        AskAsync(
            call, account, "package", cards,
            card => ReadingRules.Package(
                card.Text("package_code"), card.Amount("allowance_bytes").ToBytes(1), card.Amount("used_bytes").ToBytes(1),
                GatewayTime.OfIso(card.Text("valid_until"))),
            cancellation);

    public async Task<CardReading<long>> ReadPastCycleAsync(
        CarrierCall call, GatewayAccount account, CardFacts card, DateOnly cycle, CancellationToken cancellation) =>
        (await AskAsync(
            call, account, "previous-cycle", [card], answer => ReadingRules.Bytes(answer.Amount("used_bytes").ToRequiredBytes(1)), cancellation,
            cycle: cycle))[0];

    public async Task<CardReading<StopReading>> ReadStopAsync(CarrierCall call, GatewayAccount account, CardFacts card, CancellationToken cancellation) =>
        (await AskAsync(
            call, account, "state", [card],
            answer => ReadingRules.Stop(answer.Text("state"), "active", "stopped", answer.Text("stopped_by"), "customer"), cancellation))[0];

    public async Task<ChangeReading> ChangeStopAsync(
        CarrierCall call, GatewayAccount account, CardFacts card, bool isStopped, string idempotencyKey, CancellationToken cancellation)
    {
        var done = (await AskAsync(
            call, account, isStopped ? "suspend" : "resume", [card], _ => CardReading<bool>.Of(true), cancellation, key: idempotencyKey))[0];
        return done.Error is Problem.NoAnswer or Problem.NoStatus or Problem.WrongCard or Problem.BadValue
            ? throw new GatewayException(done.Error, "The gateway's answer does not say whether it was done.") { Outcome = GatewayOutcome.Ambiguous }
            : ErrorTable.Change(done.Error);
    }

    public Task<ChangeReading> ReadJobAsync(CarrierCall call, GatewayAccount account, CardFacts card, string jobId, CancellationToken cancellation) =>
        throw new NotSupportedException("The plain dialect knows no jobs.");

    /// <param name="call">The call.</param>
    /// <param name="account">The account.</param>
    /// <param name="what">Last part of the path.</param>
    /// <param name="cards">1 to 500 cards.</param>
    /// <param name="read">Reads a card's answer whose status is OK.</param>
    /// <param name="cancellation">Gives it up.</param>
    /// <param name="cycle">Of which cycle, when it is over.</param>
    /// <param name="key">With a key it is a change.</param>
    private Task<IReadOnlyList<CardReading<T>>> AskAsync<T>(
        CarrierCall call, GatewayAccount account, string what, IReadOnlyList<CardFacts> cards, Func<JsonElement, CardReading<T>> read,
        CancellationToken cancellation, DateOnly? cycle = null, string? key = null)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, new Uri(account.BaseUrl, $"gateway/{account.Code}/{what}"))
        {
            Content = new StringContent(Body(cards, cycle), Encoding.UTF8, MediaTypeNames.Application.Json),
        };
        request.Headers.Add("Idempotency-Key", key ?? call.Id);
        return http.SendAsync(call, request, answer => Read(answer.Json, cards, read), cancellation, isChange: key is not null);
    }

    private static IReadOnlyList<CardReading<T>> Read<T>(JsonElement json, IReadOnlyList<CardFacts> cards, Func<JsonElement, CardReading<T>> read)
    {
        // Each card has a status of its own: one of the whole answer is never about a card.
        Errors.Check(json.Text("status"), json.Text("message"), isOfOneCard: false);
        return CardAnswers.Match(cards, json.Items("results"), "id", card => card.Text("status") switch
        {
            ErrorTable.Ok => read(card),
            null => CardReading<T>.Wrong(Problem.NoStatus),
            var status => CardReading<T>.Wrong(Errors.CardCode(status, card.Text("message"))),
        });
    }

    private static string Body(IReadOnlyList<CardFacts> cards, DateOnly? cycle)
    {
        // Card numbers are hex digits: nothing in them needs to be escaped.
        var body = new StringBuilder("{", 40 * cards.Count);
        if (cycle is { } first)
        {
            body.Append(CultureInfo.InvariantCulture, $"\"cycle\":\"{first:yyyy-MM-dd}\",");
        }

        return body.Append("\"cards\":[").AppendJoin(',', cards.Select(card => $"{{\"id\":\"{card.Number}\"}}")).Append("]}").ToString();
    }
}
