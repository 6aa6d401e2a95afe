using Polling.Core.Carriers;

namespace Polling.Core.Tests.Carriers;

public class AccountRulesTests
{
    [Fact]
    public void A_usual_account_breaks_none()
    {
        var account = Account();
        (account.CallsPer5Minutes, account.CallsPerMonth, account.BillingCycleDay) = (3_000, 5_000_000, 27);
        account.MaintenanceWindows = ["02:00-04:00", "23:30-00:30"];
        Assert.Empty(AccountRules.Check(account));
    }

    [Theory]
    [InlineData("calls_per_second", "calls_per_second is '0'; it must be an integer from 1 to 1000000.")]
    [InlineData("calls_per_5_minutes", "calls_per_5_minutes is '-3'; it must be an integer from 1 to 300000000.")]
    [InlineData("calls_per_month", "calls_per_month is '0'; it must be an integer from 1 to 2678400000000.")]
    [InlineData("billing_cycle_day", "billing_cycle_day is '29'; it must be an integer from 1 to 28.")]
    [InlineData("max_in_flight", "max_in_flight is '0'; it must be an integer from 1 to 100000.")]
    [InlineData("cards_per_call", "cards_per_call is '501'; it must be an integer from 1 to 500.")]
    [InlineData("weight", "weight is '10001'; it must be an integer from 1 to 10000.")]
    [InlineData("status", "status is '7'; it must be 1 (active) or 0 (paused).")]
    [InlineData("time_zone", "time_zone is 'Mars/Olympus'; it must be an IANA time zone, such as 'Asia/Shanghai'.")]
    public void A_broken_rule_names_field_value_and_what_would_be_right(string field, string message)
    {
        var account = Account();
        switch (field)
        {
            case "calls_per_second": account.CallsPerSecond = 0; break;
            case "calls_per_5_minutes": account.CallsPer5Minutes = -3; break;
            case "calls_per_month": account.CallsPerMonth = 0; break;
            case "billing_cycle_day": account.BillingCycleDay = 29; break;
            case "max_in_flight": account.MaxInFlight = 0; break;
            case "cards_per_call": account.CardsPerCall = 501; break;
            case "weight": account.Weight = 10_001; break;
            case "status": account.Status = (AccountStatus)7; break;
            default: account.TimeZone = "Mars/Olympus"; break;
        }

        var problem = Assert.Single(AccountRules.Check(account));
        Assert.Equal((field, message), (problem.Field, problem.Message));
    }

    [Theory]
    [InlineData("2:00-04:00")]
    [InlineData("02:00 - 04:00")]
    [InlineData("02:00-24:00")]
    [InlineData("02:00-02:00")]
    [InlineData("02:60-03:00")]
    [InlineData("02:00~03:00")]
    [InlineData("")]
    public void A_window_that_cannot_be_read_is_named(string window)
    {
        var account = Account();
        account.MaintenanceWindows = ["01:00-01:30", window];
        var problem = Assert.Single(AccountRules.Check(account));
        Assert.StartsWith($"maintenance_windows[1] is '{window}'; it must be \"HH:mm-HH:mm\"", problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Windows_may_not_cover_the_whole_day_or_be_too_many()
    {
        var account = Account();
        account.MaintenanceWindows = ["00:00-12:00", "12:00-00:00"];
        Assert.Contains("less than the whole day", Assert.Single(AccountRules.Check(account)).Message, StringComparison.Ordinal);
        account.MaintenanceWindows = [.. Enumerable.Repeat("01:00-02:00", 11)];
        Assert.Contains("is '11 entries'", Assert.Single(AccountRules.Check(account)).Message, StringComparison.Ordinal);
    }

    private static CarrierAccount Account() => new() { Id = 1, Code = "A", Name = "a", CallsPerSecond = 20, CardsPerCall = 100, MaxInFlight = 10 };
}
