using Polling.Core.Carriers;

namespace Polling.AdminApi.Usage;

/// <summary>The zone that an account's cycles and days are reckoned in.</summary>
internal static class AccountZone
{
    private static readonly TimeZoneInfo Default = TimeZoneInfo.CreateCustomTimeZone(CarrierAccount.DefaultTimeZone, TimeSpan.FromHours(8), null, null);

    /// <summary>The account's; UTC+8 where this machine does not know it, as executors and statements do it.</summary>
    public static TimeZoneInfo Of(CarrierAccount account) => TimeZoneInfo.TryFindSystemTimeZoneById(account.TimeZone, out var zone) ? zone : Default;

    /// <summary>First day of the billing cycle that holds this moment.</summary>
    public static DateOnly CycleOf(CarrierAccount account, DateTimeOffset at) => BillingCycle.Of(at, Of(account), account.BillingCycleDay);
}
