namespace Polling.Benchmarks.InitConfig;

/// <summary>A configuration of the operations contract, section 7: the fields as the API names them.</summary>
/// <param name="Name">By which it is found again.</param>
/// <param name="Fields">Its fields besides the name.</param>
internal sealed record DefaultConfiguration(string Name, IReadOnlyDictionary<string, object?> Fields);

/// <summary>What a fresh installation comes with.</summary>
internal static class Defaults
{
    /// <summary>Gateway calls of a task type at once.</summary>
    public const int MaxConcurrency = 100;

    public static IReadOnlyList<DefaultConfiguration> Configurations { get; } =
    [
        Of("实名检查：未实名", "realname", 60, realNameStatus: 0),
        Of("实名检查：已实名", "realname", 3600, realNameStatus: 1),
        Of("流量检查", "carddata", 1800, adaptiveMinSeconds: 300),
        Of("套餐检查", "package", 1800),
    ];

    private static DefaultConfiguration Of(string name, string taskType, int intervalSeconds, int? realNameStatus = null, int? adaptiveMinSeconds = null) => new(
        name,
        new Dictionary<string, object?>
        {
            ["task_type"] = taskType,
            ["card_status"] = 1,
            ["real_name_status"] = realNameStatus,
            ["carrier_id"] = null,
            ["account_id"] = null,
            ["package_id"] = null,
            ["interval_seconds"] = intervalSeconds,
            ["adaptive_min_seconds"] = adaptiveMinSeconds,
            ["adaptive_max_seconds"] = null,
            ["priority"] = 100,
            ["status"] = 1,
        });
}
