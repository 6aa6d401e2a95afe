namespace Polling.Core.Carriers;

/// <summary>The zone that an account's cycles and days are reckoned in.</summary>
public static class AccountZone
{
    private static readonly TimeZoneInfo Default = TimeZoneInfo.CreateCustomTimeZone(CarrierAccount.DefaultTimeZone, TimeSpan.FromHours(8), null, null);

    /// <summary>The zone of that IANA name; UTC+8 where this machine does not know it, as the statements do it.</summary>
    public static TimeZoneInfo Of(string name) => TryFind(name, out var zone) ? zone : Default;

    /// <summary>As <see cref="Of(string)"/>, and whether this machine knows it.</summary>
    public static bool TryFind(string name, out TimeZoneInfo zone)
    {
        var isKnown = TimeZoneInfo.TryFindSystemTimeZoneById(name, out var found);
        zone = found ?? Default;
        return isKnown;
    }
}
