using Microsoft.EntityFrameworkCore.Metadata.Builders;
using Polling.Core.Configuration;

namespace Polling.Core.Persistence.Mapping;

/// <summary>Keeps a task type by its name, as operators write it into the configuration tables.</summary>
internal static class TaskTypeNames
{
    public static PropertyBuilder<TaskType> HasTaskTypeName(this PropertyBuilder<TaskType> property) =>
        property.HasConversion(type => type.Name(), name => TaskTypes.Parse(name)).HasMaxLength(16);
}
