using Microsoft.EntityFrameworkCore.Metadata.Builders;
using Polling.Core.Configuration;

namespace Polling.Core.Persistence.Mapping;

/// <summary>
/// Keeps a task type by its name, as operators write it into the configuration tables. A restored table may hold any text: what is none is read
/// as <see cref="TaskTypes.None"/>, which the tables' checks refuse.
/// </summary>
internal static class TaskTypeNames
{
    public static PropertyBuilder<TaskType> HasTaskTypeName(this PropertyBuilder<TaskType> property) =>
        property.HasConversion(type => Write(type), name => Read(name)).HasMaxLength(16);

    private static string Write(TaskType type) => type == TaskTypes.None ? "" : type.Name();

    private static TaskType Read(string name) => TaskTypes.TryParse(name, out var type) ? type.Value : TaskTypes.None;
}
