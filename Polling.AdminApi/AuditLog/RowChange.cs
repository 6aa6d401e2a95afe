using System.Globalization;
using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.ChangeTracking;
using Polling.Core.Alerts.Webhooks;
using Polling.Core.Configuration;
using Polling.Core.Persistence;

namespace Polling.AdminApi.AuditLog;

/// <summary>What a change of one row looks like in the audit log. No secret is in it.</summary>
internal sealed class RowChange
{
    private const string TablePrefix = "tb_";
    private const string Secret = "***";

    // What every change changes, and what nobody is to see.
    private static readonly string[] LeftOut = ["CreatedAt", "UpdatedAt", "RowVersion", "Hash"];

    // By what they are called, so that the next one is not shown either.
    private static readonly string[] SecretEndings = ["Secret", "Password", "Token"];

    private readonly EntityEntry _row;

    private RowChange(EntityEntry row, string action, string? before, string? after) => (_row, Action, Before, After) = (row, action, before, after);

    public string Action { get; }

    public string? Before { get; }

    public string? After { get; }

    public string Subject => _row.Metadata.GetTableName()![TablePrefix.Length..];

    /// <summary>As the API's paths name it; of a new row known only once it is saved.</summary>
    public string Id => _row.Entity is ConcurrencyConfig limit
        ? limit.TaskType.Name()
        : string.Join('/', _row.Metadata.FindPrimaryKey()!.Properties.Select(key =>
            Convert.ToString(_row.Property(key.Name).CurrentValue, CultureInfo.InvariantCulture)));

    /// <summary>The changes that a context is about to save.</summary>
    public static IReadOnlyList<RowChange> Find(PollingDbContext context) =>
        [.. context.ChangeTracker.Entries().Select(Of).OfType<RowChange>()];

    private static RowChange? Of(EntityEntry row)
    {
        switch (row.State)
        {
            case EntityState.Added:
                return new RowChange(row, "create", null, Json(Fields(row), property => property.CurrentValue));
            case EntityState.Deleted:
                return new RowChange(row, "delete", Json(Fields(row), property => property.OriginalValue), null);
            case EntityState.Modified:
                var changed = Fields(row).Where(property => property.IsModified).ToArray();
                return changed.Length == 0
                    ? null
                    : new RowChange(row, "update", Json(changed, property => property.OriginalValue), Json(changed, property => property.CurrentValue));
            default:
                return null;
        }
    }

    private static IEnumerable<PropertyEntry> Fields(EntityEntry row) =>
        row.Properties.Where(property => !property.Metadata.IsPrimaryKey() && !LeftOut.Contains(property.Metadata.Name));

    private static string Json(IEnumerable<PropertyEntry> properties, Func<PropertyEntry, object?> valueOf) =>
        JsonSerializer.Serialize(properties.ToDictionary(property => property.Metadata.GetColumnName(), property => Shown(property, valueOf(property))));

    private static object? Shown(PropertyEntry property, object? value) => (property.Metadata.Name, Stored(property, value)) switch
    {
        (_, null) => null,
        var (name, _) when SecretEndings.Any(ending => name.EndsWith(ending, StringComparison.Ordinal)) => Secret,
        ("WebhookUrl", string url) => WebhookUrl.Masked(url),

        // A restored table may hold what JSON has no number for.
        (_, double number) when !double.IsFinite(number) => number.ToString(CultureInfo.InvariantCulture),
        var (_, stored) => stored,
    };

    // As the table has it: enumerations by their numbers or names.
    private static object? Stored(PropertyEntry property, object? value) =>
        property.Metadata.GetTypeMapping().Converter is { } converter ? converter.ConvertToProvider(value) : value;
}
