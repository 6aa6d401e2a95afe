using System.Globalization;
using Polling.Core.Carriers;

namespace Polling.Core.Tests.Carriers;

public class AccountCalendarTests
{
    [Theory]
    [InlineData("Asia/Shanghai", "2027-01-31T15:59:59Z", "2027-01-01")]
    [InlineData("Asia/Shanghai", "2027-01-31T16:00:00Z", "2027-02-01")]
    [InlineData("America/New_York", "2027-02-01T04:59:59Z", "2027-01-01")]
    [InlineData("Asia/Kathmandu", "2027-01-31T18:15:00Z", "2027-02-01")]
    public void A_moment_belongs_to_the_month_of_the_accounts_clock(string zone, string at, string month) =>
        Assert.Equal(DateOnly.Parse(month, CultureInfo.InvariantCulture), Calendar(zone).MonthOf(Utc(at)));

    [Theory]
    [InlineData("Asia/Shanghai", "2027-02-01", "2027-01-31T16:00:00Z")]
    [InlineData("Europe/Berlin", "2027-07-01", "2027-06-30T22:00:00Z")]
    [InlineData("Europe/Berlin", "2027-12-01", "2027-11-30T23:00:00Z")]
    public void A_month_begins_at_midnight_of_the_accounts_clock(string zone, string month, string start) =>
        Assert.Equal(Utc(start), Calendar(zone).StartOf(DateOnly.Parse(month, CultureInfo.InvariantCulture)));

    [Theory]
    // Before, at the start, within, and at the end, which no longer belongs to it.
    [InlineData("Asia/Shanghai", "02:00-04:30", "2027-01-09T17:00:00Z", "2027-01-09T18:00:00Z", "2027-01-09T20:30:00Z")]
    [InlineData("Asia/Shanghai", "02:00-04:30", "2027-01-09T18:00:00Z", "2027-01-09T18:00:00Z", "2027-01-09T20:30:00Z")]
    [InlineData("Asia/Shanghai", "02:00-04:30", "2027-01-09T20:29:59Z", "2027-01-09T18:00:00Z", "2027-01-09T20:30:00Z")]
    [InlineData("Asia/Shanghai", "02:00-04:30", "2027-01-09T20:30:00Z", "2027-01-10T18:00:00Z", "2027-01-10T20:30:00Z")]
    // Across midnight, asked on either side of it.
    [InlineData("Asia/Shanghai", "23:30-00:30", "2027-01-09T15:45:00Z", "2027-01-09T15:30:00Z", "2027-01-09T16:30:00Z")]
    [InlineData("Asia/Shanghai", "23:30-00:30", "2027-01-09T16:15:00Z", "2027-01-09T15:30:00Z", "2027-01-09T16:30:00Z")]
    [InlineData("Asia/Shanghai", "22:00-00:00", "2027-01-09T15:59:00Z", "2027-01-09T14:00:00Z", "2027-01-09T16:00:00Z")]
    // Windows that touch or overlap are one, over midnight too.
    [InlineData("Asia/Shanghai", "22:00-00:00 00:00-01:00 00:30-02:00", "2027-01-09T15:00:00Z", "2027-01-09T14:00:00Z", "2027-01-09T18:00:00Z")]
    [InlineData("Asia/Shanghai", "05:00-06:00 03:00-04:00", "2027-01-09T20:30:00Z", "2027-01-09T21:00:00Z", "2027-01-09T22:00:00Z")]
    // 2027-03-28: Berlin's clock goes from 02:00 to 03:00; 2027-10-31: from 03:00 back to 02:00.
    [InlineData("Europe/Berlin", "02:30-04:00", "2027-03-28T00:00:00Z", "2027-03-28T01:00:00Z", "2027-03-28T02:00:00Z")]
    [InlineData("Europe/Berlin", "02:10-02:50", "2027-03-28T00:00:00Z", "2027-03-29T00:10:00Z", "2027-03-29T00:50:00Z")]
    [InlineData("Europe/Berlin", "02:30-02:45", "2027-10-30T23:00:00Z", "2027-10-31T00:30:00Z", "2027-10-31T01:45:00Z")]
    public void A_window_is_found_before_and_within_it(string zone, string windows, string at, string start, string end)
    {
        var found = Calendar(zone).NextMaintenance(Windows(windows), Utc(at));
        Assert.Equal(new TimeSpanAt(Utc(start), Utc(end)), found);
    }

    [Fact]
    public void Without_windows_there_is_none() =>
        Assert.Null(Calendar("Asia/Shanghai").NextMaintenance([], Utc("2027-01-09T00:00:00Z")));

    [Fact]
    public void Whatever_the_moment_a_window_that_holds_it_is_found()
    {
        var calendar = Calendar("Asia/Shanghai");
        var windows = Windows("23:30-00:30 12:00-12:45");
        var from = Utc("2027-01-09T00:00:00Z");
        for (var minute = 0; minute < 3 * 24 * 60; minute++)
        {
            var at = from.AddMinutes(minute);
            var clock = at.AddHours(8).TimeOfDay;
            var inside = clock >= new TimeSpan(23, 30, 0) || clock < new TimeSpan(0, 30, 0) || clock >= new TimeSpan(12, 0, 0) && clock < new TimeSpan(12, 45, 0);
            var found = calendar.NextMaintenance(windows, at)!.Value;
            Assert.True(found.End > at);
            Assert.Equal(inside, found.Start <= at);
        }
    }

    private static AccountCalendar Calendar(string zone) => new(TimeZoneInfo.FindSystemTimeZoneById(zone));

    private static DateTimeOffset Utc(string text) => DateTimeOffset.Parse(text, CultureInfo.InvariantCulture);

    private static MaintenanceWindow[] Windows(string text) => [.. text.Split(' ').Select(part =>
    {
        Assert.True(MaintenanceWindow.TryParse(part, out var window), part);
        Assert.Equal(part, window.ToString());
        return window;
    })];
}
