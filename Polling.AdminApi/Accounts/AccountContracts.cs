using System.ComponentModel.DataAnnotations;
using System.Text.Json.Serialization;
using Polling.Core.Capacity;
using Polling.Core.Carriers;
using Polling.Core.Suspensions;

namespace Polling.AdminApi.Accounts;

/// <summary>A carrier account: what it may send, and what polling needs of it.</summary>
/// <param name="Id">Id.</param>
/// <param name="Code">As CSV files name it.</param>
/// <param name="Name">For people.</param>
/// <param name="CarrierId">Carrier.</param>
/// <param name="BaseUrl">Where its gateway is; null = the mock gateway.</param>
/// <param name="Status">1 = active, 0 = paused.</param>
/// <param name="CallsPerSecond">Calls in any second.</param>
/// <param name="CallsPer5Minutes">Calls in any five minutes; null = no such quota.</param>
/// <param name="CallsPerMonth">Calls in a calendar month; null = no such budget.</param>
/// <param name="MaxInFlight">Calls under way at once.</param>
/// <param name="CardsPerCall">Cards that one call may name.</param>
/// <param name="Weight">Share against other accounts.</param>
/// <param name="BillingCycleDay">Day on which the carrier's usage figures start again.</param>
/// <param name="TimeZone">Of months, cycles and windows.</param>
/// <param name="MaintenanceWindows">Daily times without any call.</param>
/// <param name="Dialect">How its gateway is spoken to: plain, onelink, telecom or jasper.</param>
/// <param name="AppId">As whom the gateway knows us; null = the code.</param>
/// <param name="HasAppSecret">Whether there is a secret; it is never shown.</param>
/// <param name="UsageFreshnessSeconds">Nothing is decided by a usage reading that is older.</param>
/// <param name="SuspensionMode">off, dry_run or on.</param>
/// <param name="SuspensionsMax">More suspensions within the window stop them all until a person releases them.</param>
/// <param name="SuspensionsPercentMax">The same as a share of its cards, per cent; null = only the number counts.</param>
/// <param name="SuspensionWindowSeconds">That window.</param>
/// <param name="AvailableCallsPerSecond">What the quotas leave to polling in the long run.</param>
/// <param name="NeededCallsPerSecond">What the configurations need, as of the last minute; null = not reckoned yet. More than is available: its cards are late.</param>
/// <param name="CreatedAt">When it was made.</param>
/// <param name="UpdatedAt">When it was last changed.</param>
internal sealed record AccountAnswer(
    int Id,
    string Code,
    string Name,
    int CarrierId,
    string? BaseUrl,
    AccountStatus Status,
    int CallsPerSecond,
    [property: JsonPropertyName("calls_per_5_minutes")] int? CallsPer5Minutes,
    long? CallsPerMonth,
    int MaxInFlight,
    int CardsPerCall,
    int Weight,
    int BillingCycleDay,
    string TimeZone,
    IReadOnlyList<string> MaintenanceWindows,
    string Dialect,
    string? AppId,
    bool HasAppSecret,
    int UsageFreshnessSeconds,
    string SuspensionMode,
    int SuspensionsMax,
    double? SuspensionsPercentMax,
    int SuspensionWindowSeconds,
    double AvailableCallsPerSecond,
    double? NeededCallsPerSecond,
    DateTimeOffset CreatedAt,
    DateTimeOffset UpdatedAt)
{
    public static AccountAnswer Of(CarrierAccount account, int reservedPercent, double? needed) => new(
        account.Id, account.Code, account.Name, account.CarrierId, account.BaseUrl, account.Status, account.CallsPerSecond, account.CallsPer5Minutes,
        account.CallsPerMonth, account.MaxInFlight, account.CardsPerCall, account.Weight, account.BillingCycleDay, account.TimeZone,
        account.MaintenanceWindows, account.Dialect.Name(), account.AppId, account.AppSecret is not null, account.UsageFreshnessSeconds,
        account.SuspensionMode.Name(), account.SuspensionsMax, account.SuspensionsPercentMax, account.SuspensionWindowSeconds, Math.Round(CallBudget.Available(account, reservedPercent), 3), needed, account.CreatedAt, account.UpdatedAt);
}

/// <summary>All accounts, in the order of their ids; there are at most 4095.</summary>
internal sealed record AccountListAnswer(IReadOnlyList<AccountAnswer> Items, int Total);

/// <summary>What may be changed of an account; what is left out keeps its value.</summary>
/// <param name="Name">1 to 100 characters.</param>
/// <param name="BaseUrl">Where its gateway is, http or https; null = the mock gateway.</param>
/// <param name="CallsPerSecond">1 to 1000000.</param>
/// <param name="CallsPer5Minutes">1 to 300000000; null = no such quota.</param>
/// <param name="CallsPerMonth">1 to 2678400000000; null = no such budget.</param>
/// <param name="MaxInFlight">1 to 100000.</param>
/// <param name="CardsPerCall">1 to 500.</param>
/// <param name="Weight">1 to 10000, 100 is usual.</param>
/// <param name="BillingCycleDay">1 to 28.</param>
/// <param name="TimeZone">An IANA name.</param>
/// <param name="MaintenanceWindows">At most 10 of "HH:mm-HH:mm".</param>
/// <param name="Status">1 = active, 0 = paused.</param>
/// <param name="Dialect">plain, onelink, telecom or jasper.</param>
/// <param name="AppId">As whom the gateway knows us; null = the code.</param>
/// <param name="AppSecret">What proves it; never shown again. null = none.</param>
/// <param name="UsageFreshnessSeconds">60 to 604800.</param>
/// <param name="SuspensionMode">off, dry_run or on.</param>
/// <param name="SuspensionsMax">1 to 1000000.</param>
/// <param name="SuspensionsPercentMax">0.001 to 100; null = only the number counts.</param>
/// <param name="SuspensionWindowSeconds">60 to 604800.</param>
internal sealed record AccountChange(
    [property: StringLength(CarrierAccount.NameLengthMax, MinimumLength = 1)] string? Name,
    [property: StringLength(CarrierAccount.BaseUrlLengthMax)] string? BaseUrl,
    [property: Range(1, AccountRules.CallsPerSecondMax)] int? CallsPerSecond,
    [property: Range(1, 300 * AccountRules.CallsPerSecondMax), JsonPropertyName("calls_per_5_minutes")] int? CallsPer5Minutes,
    [property: Range(1d, AccountRules.CallsPerMonthMax)] long? CallsPerMonth,
    [property: Range(1, AccountRules.MaxInFlightMax)] int? MaxInFlight,
    [property: Range(1, CarrierAccount.CardsPerCallMax)] int? CardsPerCall,
    [property: Range(1, AccountRules.WeightMax)] int? Weight,
    [property: Range(1, CarrierAccount.BillingCycleDayMax)] int? BillingCycleDay,
    [property: StringLength(CarrierAccount.TimeZoneLengthMax)] string? TimeZone,
    [property: MaxLength(CarrierAccount.MaintenanceWindowsMax)] IReadOnlyList<string>? MaintenanceWindows,
    [property: Range(0, 1)] int? Status,
    [property: AllowedValues("plain", "onelink", "telecom", "jasper")] string? Dialect,
    [property: StringLength(CarrierAccount.CredentialLengthMax, MinimumLength = 1)] string? AppId,
    [property: StringLength(CarrierAccount.CredentialLengthMax, MinimumLength = 1)] string? AppSecret,
    [property: Range(AccountRules.WindowSecondsMin, AccountRules.WindowSecondsMax)] int? UsageFreshnessSeconds,
    [property: AllowedValues("off", "dry_run", "on")] string? SuspensionMode,
    [property: Range(1, AccountRules.SuspensionsMaxMax)] int? SuspensionsMax,
    [property: Range(AccountRules.PercentMin, 100)] double? SuspensionsPercentMax,
    [property: Range(AccountRules.WindowSecondsMin, AccountRules.WindowSecondsMax)] int? SuspensionWindowSeconds);

/// <summary>A new account: what an <see cref="AccountChange"/> may say, and its carrier and code, which never change.</summary>
/// <param name="CarrierId">Its carrier.</param>
/// <param name="Code">1 to 50 characters, unique over all carriers: CSV files name it by that.</param>
/// <param name="Name">1 to 100 characters.</param>
/// <param name="BaseUrl">Where its gateway is, http or https; null = the mock gateway.</param>
/// <param name="CallsPerSecond">1 to 1000000.</param>
/// <param name="CallsPer5Minutes">1 to 300000000; null = no such quota.</param>
/// <param name="CallsPerMonth">1 to 2678400000000; null = no such budget.</param>
/// <param name="MaxInFlight">1 to 100000.</param>
/// <param name="CardsPerCall">1 to 500.</param>
/// <param name="Weight">1 to 10000, default 100.</param>
/// <param name="BillingCycleDay">1 to 28, default 1.</param>
/// <param name="TimeZone">An IANA name, default Asia/Shanghai.</param>
/// <param name="MaintenanceWindows">At most 10 of "HH:mm-HH:mm".</param>
/// <param name="Status">1 = active (default), 0 = paused.</param>
/// <param name="Dialect">plain (default), onelink, telecom or jasper.</param>
/// <param name="AppId">As whom the gateway knows us; null = the code.</param>
/// <param name="AppSecret">What proves it; never shown again. null = none.</param>
/// <param name="UsageFreshnessSeconds">60 to 604800, default 7200.</param>
/// <param name="SuspensionMode">off, dry_run or on (default).</param>
/// <param name="SuspensionsMax">1 to 1000000, default 100.</param>
/// <param name="SuspensionsPercentMax">0.001 to 100; null = only the number counts.</param>
/// <param name="SuspensionWindowSeconds">60 to 604800, default 3600.</param>
internal sealed record NewAccount(
    [property: Range(1, int.MaxValue)] int CarrierId,
    [property: StringLength(Carrier.CodeLengthMax, MinimumLength = 1)] string Code,
    [property: StringLength(CarrierAccount.NameLengthMax, MinimumLength = 1)] string Name,
    [property: StringLength(CarrierAccount.BaseUrlLengthMax)] string? BaseUrl,
    [property: Range(1, AccountRules.CallsPerSecondMax)] int CallsPerSecond,
    [property: Range(1, 300 * AccountRules.CallsPerSecondMax), JsonPropertyName("calls_per_5_minutes")] int? CallsPer5Minutes,
    [property: Range(1d, AccountRules.CallsPerMonthMax)] long? CallsPerMonth,
    [property: Range(1, AccountRules.MaxInFlightMax)] int MaxInFlight,
    [property: Range(1, CarrierAccount.CardsPerCallMax)] int CardsPerCall,
    [property: Range(1, AccountRules.WeightMax)] int? Weight,
    [property: Range(1, CarrierAccount.BillingCycleDayMax)] int? BillingCycleDay,
    [property: StringLength(CarrierAccount.TimeZoneLengthMax)] string? TimeZone,
    [property: MaxLength(CarrierAccount.MaintenanceWindowsMax)] IReadOnlyList<string>? MaintenanceWindows,
    [property: Range(0, 1)] int? Status,
    [property: AllowedValues("plain", "onelink", "telecom", "jasper")] string? Dialect,
    [property: StringLength(CarrierAccount.CredentialLengthMax, MinimumLength = 1)] string? AppId,
    [property: StringLength(CarrierAccount.CredentialLengthMax, MinimumLength = 1)] string? AppSecret,
    [property: Range(AccountRules.WindowSecondsMin, AccountRules.WindowSecondsMax)] int? UsageFreshnessSeconds,
    [property: AllowedValues("off", "dry_run", "on")] string? SuspensionMode,
    [property: Range(1, AccountRules.SuspensionsMaxMax)] int? SuspensionsMax,
    [property: Range(AccountRules.PercentMin, 100)] double? SuspensionsPercentMax,
    [property: Range(AccountRules.WindowSecondsMin, AccountRules.WindowSecondsMax)] int? SuspensionWindowSeconds);
