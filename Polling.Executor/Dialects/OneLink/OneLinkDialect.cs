using System.Text.Json;
using Polling.Core.Cards;
using Polling.Core.Carriers;
using Polling.Core.Queue.Facts;
using Polling.Executor.Checks;
using Polling.Executor.Gateway;

namespace Polling.Executor.Dialects.OneLink;

/// <summary>
/// In the manner of China Mobile's OneLink: GET only, a token in the address, batches of up to 100 cards, KB with two decimals as text, natural months
/// without a word about as of when, stops and resumes as jobs.
/// </summary>
internal sealed class OneLinkDialect(OneLinkClient client) : IDialect
{
    private const string JobDone = "2";
    private const string JobFailed = "3";
    private static readonly TimeSpan Beijing = TimeSpan.FromHours(8);

    public CarrierDialect Dialect => CarrierDialect.OneLink;

    public string MockRoot => "onelink/v5/ec/";

    public int CardsPerCallMax => 100;

    public Task<IReadOnlyList<CardReading<RealNameStatus>>> ReadRealNamesAsync(
        CarrierCall call, GatewayAccount account, IReadOnlyList<CardFacts> cards, CancellationToken cancellation) =>
        ReadBatchAsync(call, account, "query/sim-real-name-status/batch", cards, card => ReadingRules.RealName(card, "realNameStatus"), cancellation);

    // A blank is a card without use in this month: no reading, not 0, and no failure either, or each month's first hours would set all quiet cards aside.
    public Task<IReadOnlyList<CardReading<UsageReading>>> ReadUsagesAsync(
        CarrierCall call, GatewayAccount account, IReadOnlyList<CardFacts> cards, CancellationToken cancellation) =>
        ReadBatchAsync(
            call, account, "query/sim-data-usage/batch", cards,
            card => card.IsBlank("dataAmount") ? ReadingRules.NoUsage : ReadingRules.Usage(card.Amount("dataAmount").ToRequiredBytes(GatewayAmount.Kilobyte)),
            cancellation);

    public Task<IReadOnlyList<CardReading<PackageReading>>> ReadPackagesAsync(
        CarrierCall call, GatewayAccount account, IReadOnlyList<CardFacts> cards, CancellationToken cancellation) =>
        ReadBatchAsync(
            call, account, "query/sim-data-margin/batch", cards,
            card => ReadingRules.Package(
                card.Text("offeringId"), card.Amount("totalAmount").ToBytes(GatewayAmount.Kilobyte), card.Amount("useAmount").ToBytes(GatewayAmount.Kilobyte),
                GatewayTime.OfDigits(card.Text("expireTime"), "yyyyMMddHHmmss", Beijing)),
            cancellation);

    public Task<CardReading<long>> ReadPastCycleAsync(
        CarrierCall call, GatewayAccount account, CardFacts card, DateOnly cycle, CancellationToken cancellation) =>
        throw new NotSupportedException("OneLink does not state what was used in a month that is over.");

    public Task<CardReading<StopReading>> ReadStopAsync(CarrierCall call, GatewayAccount account, CardFacts card, CancellationToken cancellation) =>
        client.GetAsync(
            call, account, "query/sim-status", $"iccid={card.Number}",
            (json, error) => error is null
                ? CardAnswers.Match([card], json.Items("result"), "iccid", ReadStop)[0]
                : CardReading<StopReading>.Wrong(error),
            isOfOneCard: true, cancellation);

    public Task<ChangeReading> ChangeStopAsync(
        CarrierCall call, GatewayAccount account, CardFacts card, bool isStopped, string idempotencyKey, CancellationToken cancellation) =>
        client.GetAsync(
            call, account, "operate/sim-status", $"iccid={card.Number}&operType={(isStopped ? 0 : 1)}",
            (json, error) => error is not null ? ErrorTable.Change(error)
                : json.Items("result").Select(job => job.Text("jobId")).FirstOrDefault() is { } jobId ? new ChangeReading(ChangeState.Accepted, jobId)
                : throw new GatewayException(Problem.NoValue, "The gateway's answer names no job.") { Outcome = GatewayOutcome.Ambiguous },
            isOfOneCard: true, cancellation, key: idempotencyKey);

    public Task<ChangeReading> ReadJobAsync(CarrierCall call, GatewayAccount account, CardFacts card, string jobId, CancellationToken cancellation) =>
        client.GetAsync(
            call, account, "query/sim-batch-result", $"jobId={Uri.EscapeDataString(jobId)}",
            (json, error) => error is not null ? ErrorTable.Change(error) : ReadJob(json, card, jobId), isOfOneCard: true, cancellation);

    private Task<IReadOnlyList<CardReading<T>>> ReadBatchAsync<T>(
        CarrierCall call, GatewayAccount account, string path, IReadOnlyList<CardFacts> cards, Func<JsonElement, CardReading<T>> read,
        CancellationToken cancellation) =>
        client.GetAsync(
            call, account, path, $"iccids={string.Join('_', cards.Select(card => card.Number))}",
            (json, error) => error is null
                ? CardAnswers.Match(cards, json.Items("result"), "iccid", card => OfCard(card) is { } wrong ? CardReading<T>.Wrong(wrong) : read(card))
                : [CardReading<T>.Wrong(error)],
            isOfOneCard: cards.Count == 1, cancellation);

    private static CardReading<StopReading> ReadStop(JsonElement card) => OfCard(card) is { } wrong
        ? CardReading<StopReading>.Wrong(wrong)
        : ReadingRules.Stop(card.Text("cardStatus"), "2", "4", card.Text("stopReason"), "1");

    private static ChangeReading ReadJob(JsonElement json, CardFacts card, string jobId)
    {
        var job = json.Items("result").FirstOrDefault();
        return job.Text("jobStatus") switch
        {
            JobDone => CardAnswers.Match([card], job.Items("resultList"), "iccid", done => OfCard(done) is { } wrong ? CardReading<bool>.Wrong(wrong) : CardReading<bool>.Of(true))[0] switch
            {
                { Error: Problem.NoAnswer or Problem.WrongCard } answer => throw new GatewayException(answer.Error, "The job's result is not about the card."),
                var answer => ErrorTable.Change(answer.Error),
            },
            JobFailed => new ChangeReading(ChangeState.Failed, jobId, job.Text("message")),
            "0" or "1" => new ChangeReading(ChangeState.Accepted, jobId),
            var status => throw new GatewayException(Problem.BadValue, $"The job's status is '{status}'."),
        };
    }

    // The code of what is wrong with a card of a batch; a card without a status is well.
    private static string? OfCard(JsonElement card) =>
        card.Text("status") is { } status and not ErrorTable.Ok ? OneLinkClient.Errors.CardCode(status, card.Text("message")) : null;
}
