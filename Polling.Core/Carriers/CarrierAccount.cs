using Polling.Core.Suspensions;

namespace Polling.Core.Carriers;

/// <summary>
/// An API account at a carrier: the owner of the call budget, which is the system's bottleneck. Table <c>tb_carrier_account</c>.
/// </summary>
public sealed class CarrierAccount
{
    /// <summary>The highest id: it is also the account index packed into queue scores, which have 12 bits for it.</summary>
    public const int IdMax = 4095;

    /// <summary>The most cards one gateway call may name, whatever the account.</summary>
    public const int CardsPerCallMax = 500;

    /// <summary>The last day that every month has.</summary>
    public const int BillingCycleDayMax = 28;

    /// <summary>The longest <see cref="Name"/>, in characters.</summary>
    public const int NameLengthMax = 100;

    /// <summary>The longest <see cref="BaseUrl"/>, in characters.</summary>
    public const int BaseUrlLengthMax = 500;

    /// <summary>The longest <see cref="TimeZone"/>, in characters.</summary>
    public const int TimeZoneLengthMax = 64;

    /// <summary>The longest <see cref="AppId"/> and <see cref="AppSecret"/>, in characters.</summary>
    public const int CredentialLengthMax = 200;

    public const int UsageFreshnessSecondsDefault = 7200;

    public const int SuspensionsMaxDefault = 100;

    public const int SuspensionWindowSecondsDefault = 3600;

    /// <summary>The most <see cref="MaintenanceWindows"/>.</summary>
    public const int MaintenanceWindowsMax = 10;

    /// <summary>The account's months, billing cycles and "today" are reckoned in this zone unless it names another.</summary>
    public const string DefaultTimeZone = "Asia/Shanghai";

    /// <summary>1 to <see cref="IdMax"/>.</summary>
    public int Id { get; set; }

    public int CarrierId { get; set; }

    /// <summary>What CSV files and people call the account, such as <c>CMCC-demo</c>; unique over all carriers.</summary>
    public required string Code { get; set; }

    public required string Name { get; set; }

    /// <summary>Where the account's gateway is; null = the mock gateway, by service discovery.</summary>
    public string? BaseUrl { get; set; }

    /// <summary>The quota: calls a second, whatever a call carries; at least 1.</summary>
    public int CallsPerSecond { get; set; }

    /// <summary>Cards one call may name: 1 to <see cref="CardsPerCallMax"/>.</summary>
    public int CardsPerCall { get; set; }

    /// <summary>The most calls in any five minutes, at least 1; null = no such quota.</summary>
    public int? CallsPer5Minutes { get; set; }

    /// <summary>The most calls in a calendar month of <see cref="TimeZone"/>, at least 1; null = no such budget.</summary>
    public long? CallsPerMonth { get; set; }

    /// <summary>Calls that may be in flight at once; at least 1.</summary>
    public int MaxInFlight { get; set; }

    /// <summary>The account's share in fair queueing, against the other accounts' weights; at least 1.</summary>
    public int Weight { get; set; } = 100;

    /// <summary>An IANA time zone id.</summary>
    public string TimeZone { get; set; } = DefaultTimeZone;

    /// <summary>The day, 1 to <see cref="BillingCycleDayMax"/>, on which the carrier's usage figures start again, in <see cref="TimeZone"/>.</summary>
    public short BillingCycleDay { get; set; } = 1;

    /// <summary>Daily times without any call, as <see cref="MaintenanceWindow"/> writes them: "HH:mm-HH:mm" in <see cref="TimeZone"/>.</summary>
    public IReadOnlyList<string> MaintenanceWindows { get; set; } = [];

    public AccountStatus Status { get; set; } = AccountStatus.Active;

    /// <summary>How its gateway is spoken to.</summary>
    public CarrierDialect Dialect { get; set; } = CarrierDialect.Plain;

    /// <summary>As whom the gateway knows us; null = <see cref="Code"/>. At most <see cref="CredentialLengthMax"/> characters.</summary>
    public string? AppId { get; set; }

    /// <summary>What proves it; never shown again. At most <see cref="CredentialLengthMax"/> characters.</summary>
    public string? AppSecret { get; set; }

    /// <summary>Nothing is decided by a usage reading that is older, seconds, 60 to 604,800.</summary>
    public int UsageFreshnessSeconds { get; set; } = UsageFreshnessSecondsDefault;

    /// <summary>What becomes of its cards that are over their limit.</summary>
    public SuspensionMode SuspensionMode { get; set; } = SuspensionMode.On;

    /// <summary>More suspensions within <see cref="SuspensionWindowSeconds"/> stop them all until a person releases them; 1 to 1,000,000.</summary>
    public int SuspensionsMax { get; set; } = SuspensionsMaxDefault;

    /// <summary>The same as a share of the account's cards, per cent, 0.001 to 100; null = only the number counts. The smaller one holds.</summary>
    public double? SuspensionsPercentMax { get; set; }

    /// <summary>The window that suspensions are counted in, seconds, 60 to 604,800.</summary>
    public int SuspensionWindowSeconds { get; set; } = SuspensionWindowSecondsDefault;

    /// <summary>Raised by one with each change of the row; a cache refuses an older version.</summary>
    public long RowVersion { get; set; } = 1;

    public DateTimeOffset CreatedAt { get; set; }

    public DateTimeOffset UpdatedAt { get; set; }
}
