using Polling.AdminApi.Http;
using Polling.Core.Cleanup;

namespace Polling.AdminApi.Cleanup;

/// <summary>Reads a configuration's fields from a request; those that are not sent keep their values.</summary>
internal static class CleanupFields
{
    private static readonly string[] ReadOnly = ["id", "next_run_at", "problems", "created_at", "updated_at"];
    private static readonly string[] Known = ["name", "dataset", "retention_days", "batch_size", "schedule", "is_enabled"];
    private static readonly string NameRule = $"1 to {CleanupConfig.NameLengthMax} characters";
    private static readonly string DatasetRule = $"one of {CleanupDataset.Names}";

    public static async Task ApplyAsync(
        HttpRequest request, Parameters parameters, CleanupConfig config, bool isNew, CancellationToken cancellationToken)
    {
        var body = await JsonBody.ReadAsync(request, parameters, ReadOnly, Known, cancellationToken);
        if (isNew)
        {
            body.Require("name", NameRule);
            body.Require("dataset", DatasetRule);
            body.Require("retention_days", $"an integer from {CleanupConfig.RetentionDaysMin} to {CleanupConfig.RetentionDaysMax}");
        }

        body.Text("name", NameRule, text =>
        {
            config.Name = text.Trim();
            return config.Name.Length is > 0 and <= CleanupConfig.NameLengthMax;
        });
        body.Text("dataset", DatasetRule, text =>
        {
            config.Dataset = text;
            return CleanupDataset.Find(text) is not null;
        });
        body.Number("retention_days", CleanupConfig.RetentionDaysMin, CleanupConfig.RetentionDaysMax, days => config.RetentionDays = days);
        body.Number("batch_size", CleanupConfig.BatchSizeMin, CleanupConfig.BatchSizeMax, rows => config.BatchSize = rows);
        body.TextOrNull("schedule", CleanupConfigCheck.ScheduleRule, text =>
        {
            config.Schedule = text;
            return text is null || CleanupConfigCheck.Check(config).All(problem => problem.Field != "schedule");
        });
        body.Flag("is_enabled", on => config.IsEnabled = on);
        if (parameters.AreValid && CleanupConfigCheck.Check(config).FirstOrDefault(problem => problem.Field == "retention_days") is { Field: { } field } problem)
        {
            parameters.Refuse(field, problem.Value, $"{problem.Rule} for {config.Dataset}");
        }
    }
}
