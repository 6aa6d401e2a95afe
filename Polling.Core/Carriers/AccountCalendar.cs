namespace Polling.Core.Carriers;

/// <summary>A span of time.</summary>
/// <param name="Start">First moment.</param>
/// <param name="End">The moment that no longer belongs to it.</param>
public readonly record struct TimeSpanAt(DateTimeOffset Start, DateTimeOffset End);

/// <summary>Months and maintenance windows of an account, by the clock of its time zone.</summary>
public sealed class AccountCalendar(TimeZoneInfo zone)
{
    /// <summary>The first day of the month that holds this moment.</summary>
    public DateOnly MonthOf(DateTimeOffset at)
    {
        var local = TimeZoneInfo.ConvertTime(at, zone);
        return new DateOnly(local.Year, local.Month, 1);
    }

    /// <summary>When a month begins.</summary>
    /// <param name="month">Its first day.</param>
    public DateTimeOffset StartOf(DateOnly month) => At(month, TimeOnly.MinValue, earlier: true);

    /// <summary>
    /// The window that holds this moment or, when none does, the next one; windows that touch or overlap are one. Null when there
    /// are none. Where the clock is put back within a window's edge, the window is the longer one.
    /// </summary>
    public TimeSpanAt? NextMaintenance(IEnumerable<MaintenanceWindow> windows, DateTimeOffset at)
    {
        ArgumentNullException.ThrowIfNull(windows);
        var today = DateOnly.FromDateTime(TimeZoneInfo.ConvertTime(at, zone).DateTime);
        var days = windows.ToArray();
        // A window may have begun yesterday; merged ones may go on for days.
        var spans = Enumerable.Range(-2, 6).SelectMany(day => days.Select(w => Span(w, today.AddDays(day)))).OrderBy(s => s.Start);
        TimeSpanAt? found = null;
        foreach (var span in spans.Where(s => s.End > s.Start))
        {
            if (found is { } last && span.Start <= last.End)
            {
                found = last with { End = span.End > last.End ? span.End : last.End };
            }
            else if (found is { } ahead && ahead.End > at)
            {
                return ahead;
            }
            else
            {
                found = span;
            }
        }

        return found;
    }

    private TimeSpanAt Span(MaintenanceWindow window, DateOnly day) => new(
        At(day, window.Start, earlier: true), At(window.End > window.Start ? day : day.AddDays(1), window.End, earlier: false));

    private DateTimeOffset At(DateOnly day, TimeOnly clock, bool earlier)
    {
        var local = day.ToDateTime(clock);
        // The clock is put forward over this minute: it is the first one after the gap.
        while (zone.IsInvalidTime(local))
        {
            local = local.AddMinutes(1);
        }

        // The clock shows this minute twice.
        var offset = zone.IsAmbiguousTime(local)
            ? (earlier ? zone.GetAmbiguousTimeOffsets(local).Max() : zone.GetAmbiguousTimeOffsets(local).Min())
            : zone.GetUtcOffset(local);
        return new DateTimeOffset(local, offset).ToUniversalTime();
    }
}
