namespace Polling.Core.Carriers;

/// <summary>How an account's gateway is spoken to. See docs/carriers.md.</summary>
public enum CarrierDialect : short
{
    /// <summary>The plain JSON gateway.</summary>
    Plain = 0,

    /// <summary>In the manner of China Mobile's OneLink.</summary>
    OneLink = 1,

    /// <summary>In the manner of China Telecom's 5GCMP.</summary>
    Telecom = 2,

    /// <summary>In the manner of China Unicom's Jasper (Cisco Control Center).</summary>
    Jasper = 3,
}

/// <summary>The names of dialects in the API and the table.</summary>
public static class CarrierDialects
{
    private static readonly string[] All = ["plain", "onelink", "telecom", "jasper"];

    /// <summary>For messages.</summary>
    public static string Names { get; } = string.Join(", ", All);

    public static string Name(this CarrierDialect dialect) => All[(int)dialect];

    /// <summary>Whether carriers of this dialect state what was used in a cycle that is over.</summary>
    public static bool StatesPastCycles(this CarrierDialect dialect) => dialect != CarrierDialect.OneLink;

    /// <summary>The dialect of that name, or null.</summary>
    public static CarrierDialect? Find(string? name) => Array.IndexOf(All, name) is var index and >= 0 ? (CarrierDialect)index : null;
}
