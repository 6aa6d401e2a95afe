using System.Globalization;
using Polling.AdminApi.Http;
using Polling.Core.Cards;
using Polling.Core.Carriers;
using Polling.Core.Configuration;

namespace Polling.AdminApi.Configurations;

/// <summary>Reads a configuration's fields from a request; those that are not sent keep their values.</summary>
internal static class ConfigurationFields
{
    private const string Name = "name";
    private const string TaskTypeField = "task_type";
    private const string Interval = "interval_seconds";
    private static readonly string[] ReadOnly = ["id", "created_at", "updated_at", "problems"];

    private static readonly string[] Known =
        [Name, TaskTypeField, "carrier_id", "account_id", "card_status", "real_name_status", "package_id", Interval, "adaptive_min_seconds", "adaptive_max_seconds", "priority", "status"];

    private static readonly string NameRule = $"1 to {PollingConfig.NameLengthMax} characters";

    public static Task<JsonBody> ReadAsync(HttpRequest request, Parameters parameters, CancellationToken cancellationToken) =>
        JsonBody.ReadAsync(request, parameters, ReadOnly, Known, cancellationToken);

    /// <summary>Refuses a new configuration that lacks a field.</summary>
    public static void RequireAll(JsonBody body)
    {
        body.Require(Name, NameRule);
        body.Require(TaskTypeField, $"one of {TaskTypes.Names}");
        body.Require(Interval, $"an integer up to {PollingConfig.IntervalSecondsMax}");
    }

    public static void Apply(JsonBody body, Parameters parameters, PollingConfig config)
    {
        body.Text(Name, NameRule, text =>
        {
            config.Name = text.Trim();
            return config.Name.Length is > 0 and <= PollingConfig.NameLengthMax;
        });
        body.Text(TaskTypeField, $"one of {TaskTypes.Names}", text =>
        {
            config.TaskType = TaskTypes.TryParse(text, out var type) ? type.Value : config.TaskType;
            return type is not null;
        });
        body.NumberOrNull<int>("carrier_id", 1, int.MaxValue, id => config.CarrierId = id);
        body.NumberOrNull<int>("account_id", 1, CarrierAccount.IdMax, id => config.AccountId = id);
        body.NumberOrNull<short>("card_status", 0, (short)CardStatus.Suspended, status => config.CardStatus = (CardStatus?)status);
        body.NumberOrNull<short>("real_name_status", 0, 1, status => config.RealNameStatus = (RealNameStatus?)status);
        body.NumberOrNull<int>("package_id", 1, PollingConfig.PackageIdMax, id => config.PackageId = id);
        body.Number(Interval, PollingConfig.IntervalSecondsMin, PollingConfig.IntervalSecondsMax, seconds => config.IntervalSeconds = seconds);
        body.NumberOrNull<int>("adaptive_min_seconds", PollingConfig.AdaptiveSecondsMin, PollingConfig.IntervalSecondsMax, seconds => config.AdaptiveMinSeconds = seconds);
        body.NumberOrNull<int>("adaptive_max_seconds", PollingConfig.AdaptiveSecondsMin, PollingConfig.IntervalSecondsMax, seconds => config.AdaptiveMaxSeconds = seconds);
        body.Number("priority", 0, PollingConfig.PriorityMax, priority => config.Priority = priority);
        body.Number<short>("status", 0, 1, status => config.Status = (ConfigStatus)status);
        if (!parameters.AreValid)
        {
            return;
        }

        // A restored row may hold nonsense in fields that are not sent.
        foreach (var problem in PollingConfigCheck.Check(config))
        {
            parameters.Refuse(problem.Field, problem.Value, problem.Rule);
        }

        if (parameters.AreValid && body.HasAny(Interval, TaskTypeField))
        {
            CheckInterval(config, parameters);
        }

        if (parameters.AreValid && body.HasAny("adaptive_min_seconds", "adaptive_max_seconds"))
        {
            CheckBounds(config, parameters);
        }
    }

    /// <summary>Whether the change can make more calls, of this configuration or of one that rules in its place; a new name cannot.</summary>
    public static bool MayNeedCalls(JsonBody body) =>
        body.HasAny(TaskTypeField, "carrier_id", "account_id", "card_status", "real_name_status", "package_id", Interval, "priority", "status");

    /// <summary>Whether the change says to whose cards it applies.</summary>
    public static bool NamesAccounts(JsonBody body) => body.HasAny("carrier_id", "account_id");

    private static void CheckBounds(PollingConfig config, Parameters parameters)
    {
        var longest = config.AdaptiveMaxSeconds ?? config.IntervalSeconds;
        if (config.AdaptiveMinSeconds is { } min && min > longest)
        {
            parameters.Refuse("adaptive_min_seconds", min.ToString(CultureInfo.InvariantCulture), $"at most {longest}, the longest that a check may wait");
        }
        else if (config is { AdaptiveMinSeconds: null, AdaptiveMaxSeconds: { } max })
        {
            parameters.Refuse("adaptive_max_seconds", max.ToString(CultureInfo.InvariantCulture), "left out or null while adaptive_min_seconds is null: the interval is fixed then");
        }
    }

    private static void CheckInterval(PollingConfig config, Parameters parameters)
    {
        var min = config.TaskType.IntervalSecondsMin();
        if (config.IntervalSeconds < min)
        {
            parameters.Refuse(
                Interval, config.IntervalSeconds.ToString(CultureInfo.InvariantCulture),
                $"an integer from {min} (the least for {config.TaskType.Name()}) to {PollingConfig.IntervalSecondsMax}");
        }
    }
}
