using System.Globalization;
using Polling.Core.Carriers;
using StackExchange.Redis;

namespace Polling.Core.Queue.Quotas;

/// <summary>An account as <c>acquire-6.lua</c> reads it.</summary>
public static class AccountLimits
{
    /// <summary>How months are written in Redis.</summary>
    public const string MonthFormat = "yyyy-MM-dd";

    private const int SmallestWithReserve = 10;

    /// <summary>Fields of its hash.</summary>
    /// <param name="account">An account without <see cref="AccountRules"/> problems.</param>
    /// <param name="now">Now by Redis' clock.</param>
    /// <param name="runId">The run of Redis that will hold them.</param>
    /// <param name="reservedPercent"><see cref="QuotaOptions.ReservedPercent"/>.</param>
    public static HashEntry[] Of(CarrierAccount account, DateTimeOffset now, string runId, int reservedPercent)
    {
        ArgumentNullException.ThrowIfNull(account);
        var calendar = new AccountCalendar(TimeZoneInfo.FindSystemTimeZoneById(account.TimeZone));
        var windows = account.MaintenanceWindows.Select(text => MaintenanceWindow.TryParse(text, out var window)
            ? window
            : throw new ArgumentException($"The maintenance window '{text}' is not {MaintenanceWindow.Rule}.", nameof(account)));
        var maintenance = calendar.NextMaintenance(windows, now);
        var month = calendar.MonthOf(now);
        return
        [
            new("calls_per_second", account.CallsPerSecond),
            new("max_in_flight", account.MaxInFlight),
            new("status", (int)account.Status),
            new("calls_per_5_minutes", Number(account.CallsPer5Minutes)),
            new("calls_per_month", Number(account.CallsPerMonth)),
            new("reserved_percent", reservedPercent),
            new("maintenance_start_ms", Number(maintenance?.Start.ToUnixTimeMilliseconds())),
            new("maintenance_end_ms", Number(maintenance?.End.ToUnixTimeMilliseconds())),
            new("month", month.ToString(MonthFormat, CultureInfo.InvariantCulture)),
            new("month_end_ms", calendar.StartOf(month.AddMonths(1)).ToUnixTimeMilliseconds()),
            new("next_month", month.AddMonths(1).ToString(MonthFormat, CultureInfo.InvariantCulture)),
            new("next_month_end_ms", calendar.StartOf(month.AddMonths(2)).ToUnixTimeMilliseconds()),
            new("created_ms", account.CreatedAt.ToUnixTimeMilliseconds()),
            new("run_id", runId),
        ];
    }

    /// <summary>What polling may use of a limit, so that promotion admits no more than acquire will grant it.</summary>
    public static int PollingShare(int limit, int reservedPercent) =>
        limit < SmallestWithReserve || reservedPercent <= 0 ? limit : limit - Math.Max(1, (int)((long)limit * reservedPercent / 100));

    private static RedisValue Number(long? value) => value is { } number ? number : RedisValue.EmptyString;
}
