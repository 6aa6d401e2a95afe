namespace Polling.Core.Carriers;

/// <summary>An account's billing cycles: each begins on the same day of a month, at midnight of the account's zone.</summary>
public static class BillingCycle
{
    /// <summary>First day of the cycle that holds this moment.</summary>
    /// <param name="at">The moment.</param>
    /// <param name="zone">The account's zone.</param>
    /// <param name="day">The day that cycles begin on, 1 to 28.</param>
    public static DateOnly Of(DateTimeOffset at, TimeZoneInfo zone, int day)
    {
        var today = DateOnly.FromDateTime(TimeZoneInfo.ConvertTime(at, zone).DateTime);
        var first = new DateOnly(today.Year, today.Month, day);
        return today.Day >= day ? first : first.AddMonths(-1);
    }
}
