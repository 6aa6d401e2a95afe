using System.Diagnostics.CodeAnalysis;

namespace Polling.Core.Configuration;

/// <summary>The names that task types have in Redis keys, paths, JSON and the configuration tables.</summary>
public static class TaskTypes
{
    /// <summary>The names, for error messages: <c>realname, carddata, package</c>.</summary>
    public const string Names = "realname, carddata, package";

    /// <summary>What a table's text is read as that is no task type's name.</summary>
    public const TaskType None = 0;

    /// <summary>All task types, in the order of their numbers.</summary>
    public static IReadOnlyList<TaskType> All { get; } = [TaskType.Realname, TaskType.Carddata, TaskType.Package];

    /// <summary>Those that are polled: an executor knows how to ask for them.</summary>
    public static IReadOnlyList<TaskType> Polled { get; } = All;

    /// <summary>The type's name in lower case.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is not one of the enum's.</exception>
    public static string Name(this TaskType type) => type switch
    {
        TaskType.Realname => "realname",
        TaskType.Carddata => "carddata",
        TaskType.Package => "package",
        _ => throw new ArgumentOutOfRangeException(nameof(type), type, "not a task type"),
    };

    /// <summary>
    /// The shortest interval that an operator may set, seconds. A person waits for the real-name status to change; carriers reckon usage
    /// in minutes, so asking more often spends calls and learns nothing.
    /// </summary>
    public static int IntervalSecondsMin(this TaskType type) => type == TaskType.Realname ? 10 : 60;

    /// <summary>The type of that name; upper and lower case are told apart, as Redis keys do.</summary>
    /// <exception cref="FormatException">No task type has that name; the message gives the value and the names that exist.</exception>
    public static TaskType Parse(string? name) =>
        TryParse(name, out var type) ? type.Value : throw new FormatException($"task_type \"{name}\" is not one of {Names}");

    /// <summary>The type of that name, or false.</summary>
    public static bool TryParse(string? name, [NotNullWhen(true)] out TaskType? type)
    {
        type = name switch
        {
            "realname" => TaskType.Realname,
            "carddata" => TaskType.Carddata,
            "package" => TaskType.Package,
            _ => null,
        };
        return type is not null;
    }
}
