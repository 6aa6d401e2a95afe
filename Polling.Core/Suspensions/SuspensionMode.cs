namespace Polling.Core.Suspensions;

/// <summary>What becomes of an account's cards that are over their limit.</summary>
public enum SuspensionMode : short
{
    /// <summary>Nothing.</summary>
    Off = 0,

    /// <summary>What would be suspended is written down and goes no further.</summary>
    DryRun = 1,

    /// <summary>They are suspended.</summary>
    On = 2,
}

/// <summary>The names of modes in the API and the table.</summary>
public static class SuspensionModes
{
    private static readonly string[] All = ["off", "dry_run", "on"];

    /// <summary>For messages.</summary>
    public static string Names { get; } = string.Join(", ", All);

    public static string Name(this SuspensionMode mode) => All[(int)mode];

    /// <summary>The mode of that name, or null.</summary>
    public static SuspensionMode? Find(string? name) => Array.IndexOf(All, name) is var index and >= 0 ? (SuspensionMode)index : null;
}
