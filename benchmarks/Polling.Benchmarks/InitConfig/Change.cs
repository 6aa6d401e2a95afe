using System.Text.Json;

namespace Polling.Benchmarks.InitConfig;

/// <summary>A field that is to become another value.</summary>
/// <param name="Field">As the API names it.</param>
/// <param name="Before">As it is.</param>
/// <param name="After">As it should be.</param>
internal sealed record Change(string Field, string Before, object? After)
{
    /// <summary>The fields that differ from what the API answered.</summary>
    public static IReadOnlyList<Change> Between(JsonElement answered, IReadOnlyDictionary<string, object?> wanted) =>
    [
        .. wanted.Where(field => !answered.TryGetProperty(field.Key, out var is_) || is_.GetRawText() != JsonSerializer.Serialize(field.Value))
            .Select(field => new Change(field.Key, answered.TryGetProperty(field.Key, out var before) ? before.GetRawText() : "null", field.Value)),
    ];

    /// <summary>As a body for the API.</summary>
    public static IReadOnlyDictionary<string, object?> Body(IEnumerable<Change> changes) => changes.ToDictionary(change => change.Field, change => change.After);

    public override string ToString() => $"{Field} {Before} -> {JsonSerializer.Serialize(After)}";
}
