using Polling.AdminApi.Cards;
using Polling.AdminApi.Http;
using Polling.Core.Cards;
using Polling.Core.Carriers;
using Polling.Core.Configuration;

namespace Polling.AdminApi.ManualTriggers;

/// <summary>Reads the bodies of trigger requests.</summary>
internal static class TriggerFields
{
    /// <summary>Cards of one batch.</summary>
    public const int BatchMax = 100_000;

    /// <summary>Longer batches are refused: as many ids, the longest there can be, fit with room to spare.</summary>
    public const int BatchBytesMax = 4 * 1024 * 1024;

    private const string TaskTypeField = "task_type";
    private const string CardIdField = "card_id";
    private const string CardIdsField = "card_ids";
    private const string TriggerIdField = "trigger_id";
    private const string TriggerIdRule = "the trigger_id that a trigger was answered with";

    private static readonly string[] Conditions =
        ["iccid", "msisdn", "carrier_id", "account_id", "status", "real_name_status", "package_id"];

    public static async Task<(TaskType Type, long CardId)> ReadSingleAsync(HttpRequest request, Parameters parameters, CancellationToken cancellationToken)
    {
        var body = await JsonBody.ReadAsync(request, parameters, [], [CardIdField, TaskTypeField], cancellationToken);
        long card = 0;
        body.Require(CardIdField, "the id of a card");
        body.Number(CardIdField, 1, Card.IdMax, id => card = id);
        return (ReadType(body), card);
    }

    public static async Task<(TaskType Type, IReadOnlyList<long> CardIds)> ReadBatchAsync(
        HttpRequest request, Parameters parameters, CancellationToken cancellationToken)
    {
        var body = await JsonBody.ReadAsync(request, parameters, [], [CardIdsField, TaskTypeField], cancellationToken);
        IReadOnlyList<long> cards = [];
        body.Require(CardIdsField, $"an array of 1 to {BatchMax} card ids");
        body.Numbers(CardIdsField, 1, Card.IdMax, BatchMax, ids => cards = ids);
        return (ReadType(body), cards);
    }

    public static async Task<(TaskType Type, CardCondition Condition)> ReadConditionAsync(
        HttpRequest request, Parameters parameters, CancellationToken cancellationToken)
    {
        var body = await JsonBody.ReadAsync(request, parameters, [], [TaskTypeField, .. Conditions], cancellationToken);
        var condition = new CardCondition();
        body.Text("iccid", CardFilter.IccidRule, text => Take(CardFilter.Prefix(text), iccid => condition = condition with { IccidPrefix = iccid }));
        body.Text("msisdn", CardNumbers.MsisdnRule, text => Take(CardNumbers.Msisdn(text), msisdn => condition = condition with { Msisdn = msisdn }));
        body.NumberOrNull<int>("carrier_id", 1, int.MaxValue, id => condition = condition with { CarrierId = id });
        body.NumberOrNull<int>("account_id", 1, CarrierAccount.IdMax, id => condition = condition with { AccountId = id });
        body.NumberOrNull<short>("status", 0, 3, status => condition = condition with { Status = (CardStatus?)status });
        body.NumberOrNull<short>("real_name_status", 0, 1, status => condition = condition with { RealNameStatus = (RealNameStatus?)status });
        body.NumberOrNull<int>("package_id", 1, PollingConfig.PackageIdMax, id => condition = condition with { PackageId = id });
        if (parameters.AreValid && condition.IsEmpty)
        {
            parameters.Refuse(string.Join(", ", Conditions), "", "at least one of them: without any, every card would be asked");
        }

        return (ReadType(body), condition);
    }

    public static async Task<long> ReadTriggerAsync(HttpRequest request, Parameters parameters, CancellationToken cancellationToken)
    {
        var body = await JsonBody.ReadAsync(request, parameters, [], [TriggerIdField], cancellationToken);
        long trigger = 0;
        body.Require(TriggerIdField, TriggerIdRule);
        body.Text(TriggerIdField, TriggerIdRule, text =>
        {
            trigger = Parse(text);
            return text.Trim().Length is > 0 and <= 64;
        });
        return trigger;
    }

    /// <summary>The number that an id stands for; 0 = no trigger has such an id.</summary>
    public static long Parse(string text) =>
        long.TryParse(text, System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out var id) ? id : 0;

    private static TaskType ReadType(JsonBody body)
    {
        var type = TaskType.Realname;
        body.Require(TaskTypeField, $"one of {TaskTypes.Names}");
        body.Text(TaskTypeField, $"one of {TaskTypes.Names}", text =>
        {
            type = TaskTypes.TryParse(text, out var named) ? named.Value : type;
            return named is not null;
        });
        return type;
    }

    private static bool Take(string? value, Action<string> take)
    {
        if (value is null)
        {
            return false;
        }

        take(value);
        return true;
    }
}
