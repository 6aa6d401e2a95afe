using Polling.Core.Capacity;
using Polling.Core.Cards;
using Polling.Core.Carriers;
using Polling.Core.Configuration;

namespace Polling.Core.Tests.Capacity;

public class CallBudgetTests
{
    private const int NoReserve = 0;

    [Theory]
    [InlineData(22, null, null, 20.0)] // a call's second is counted as 1.1 s
    [InlineData(1000, 300, null, 1.0)]
    [InlineData(1000, null, 31L * 86_400, 1.0)]
    [InlineData(11, 3_000, 31L * 86_400 * 100, 10.0)]
    public void The_tightest_limit_counts(int perSecond, int? perFiveMinutes, long? perMonth, double expected)
    {
        var account = Account(perSecond);
        account.CallsPer5Minutes = perFiveMinutes;
        account.CallsPerMonth = perMonth;
        Assert.Equal(expected, CallBudget.Available(account, NoReserve), 6);
    }

    [Fact]
    public void Reserve_and_maintenance_leave_less()
    {
        var account = Account(110);
        account.MaintenanceWindows = ["23:00-05:00"];
        Assert.Equal(90 * 0.75, CallBudget.Available(account, reservedPercent: 10), 6);
    }

    [Fact]
    public void Every_task_type_and_the_rule_of_each_group_count()
    {
        CardGroup[] groups = [new(1, CardStatus.Active, RealNameStatus.NotRealNamed, null, 6_000), new(1, CardStatus.Active, RealNameStatus.RealNamed, null, 36_000),
            new(1, CardStatus.Terminated, RealNameStatus.RealNamed, null, 1_000_000), new(2, CardStatus.Active, RealNameStatus.RealNamed, null, 1_000_000)];
        var configs = new PollingConfigSet([Config(1, 60, RealNameStatus.NotRealNamed), Config(2, 3_600, RealNameStatus.RealNamed), Config(3, 1_800, null, TaskType.Carddata)]);
        // 100 cards a call: 6,000 / 60 / 100 + 36,000 / 3,600 / 100 + 42,000 / 1,800 / 100
        Assert.Equal(1 + 0.1 + 0.2333, CallBudget.Needed(Account(20), groups, configs), 3);
    }

    [Fact]
    public void A_configuration_that_cannot_fit_is_told_by_how_much_and_what_would()
    {
        CardGroup[] groups = [new(1, CardStatus.Active, RealNameStatus.NotRealNamed, null, 600_000)];
        var changed = Config(1, 60, null);
        var misfit = Assert.Single(Find(changed, [Config(1, 3_600, null)], Account(22), groups));

        Assert.Equal(
            "account A would need 100 calls a second of the 20 that its quota leaves to polling, 5 times as many; interval_seconds must be at least 300 to fit",
            misfit.MessageFor(1));
        changed.IntervalSeconds = 300;
        Assert.Empty(Find(changed, [Config(1, 3_600, null)], Account(22), groups));
        changed.IntervalSeconds = 299;
        Assert.NotEmpty(Find(changed, [Config(1, 3_600, null)], Account(22), groups));
    }

    [Fact]
    public void Nothing_fits_beside_others_that_need_all_and_a_change_for_the_better_is_let_through()
    {
        CardGroup[] groups = [new(1, CardStatus.Active, RealNameStatus.NotRealNamed, null, 600_000)];
        PollingConfig[] before = [Config(1, 60, null), Config(2, 600, null, TaskType.Package)];
        var misfit = Assert.Single(Find(Config(2, 300, null, TaskType.Package), before, Account(22), groups));

        Assert.Null(misfit.IntervalSecondsMin);
        Assert.EndsWith("no interval_seconds fits, since the other configurations alone need as many", misfit.MessageFor(2), StringComparison.Ordinal);
        Assert.Empty(Find(Config(2, 900, null, TaskType.Package), before, Account(22), groups));
    }

    [Theory]
    [InlineData(3, 61)]
    [InlineData(7, 13)]
    [InlineData(11, 97)]
    [InlineData(100_003, 29_989)]
    public void The_interval_that_is_told_to_fit_is_taken(int cards, int callsPer5Minutes)
    {
        CardGroup[] groups = [new(1, CardStatus.Active, RealNameStatus.NotRealNamed, null, cards)];
        var account = Account(perSecond: 1_000_000);
        (account.CardsPerCall, account.CallsPer5Minutes) = (1, callsPer5Minutes);
        PollingConfig[] before = [Config(1, 1_800, null, TaskType.Carddata), Config(2, 1_800, null, TaskType.Package)];
        var changed = Config(0, 1, null);
        var misfit = Assert.Single(Find(changed, before, account, groups));
        if (misfit.IntervalSecondsMin is not { } interval)
        {
            Assert.True(CallBudget.Needed(account, groups, new PollingConfigSet(before)) >= CallBudget.Available(account, NoReserve));
            return;
        }

        changed.IntervalSeconds = (int)interval;
        Assert.Empty(Find(changed, before, account, groups));
    }

    [Fact]
    public void A_configuration_that_is_taken_away_is_told_what_the_one_would_need_that_rules_then()
    {
        CardGroup[] groups = [new(1, CardStatus.Active, RealNameStatus.NotRealNamed, null, 600_000)];
        var (slow, fast) = (Config(1, 3_600, null), Config(2, 60, null));
        slow.Priority = 1;
        var misfit = Assert.Single(QuotaMisfit.Find([slow, fast], [fast], [Account(22)], groups, NoReserve));

        Assert.Equal((2, 300), (misfit.Cause.Id, misfit.IntervalSecondsMin));
        Assert.EndsWith(
            "; interval_seconds of configuration 2 (c), which would apply then, must be at least 300 to fit", misfit.MessageFor(1), StringComparison.Ordinal);
        Assert.Empty(QuotaMisfit.Find([fast], [slow, fast], [Account(22)], groups, NoReserve));
    }

    private static IReadOnlyList<QuotaMisfit> Find(PollingConfig changed, PollingConfig[] before, CarrierAccount account, CardGroup[] groups) =>
        QuotaMisfit.Find(before, [.. before.Where(config => config.Id != changed.Id), changed], [account], groups, NoReserve);

    private static CarrierAccount Account(int perSecond) =>
        new() { Id = 1, CarrierId = 1, Code = "A", Name = "a", CallsPerSecond = perSecond, CardsPerCall = 100, MaxInFlight = 100 };

    private static PollingConfig Config(int id, int seconds, RealNameStatus? realName, TaskType type = TaskType.Realname) =>
        new() { Id = id, Name = "c", TaskType = type, IntervalSeconds = seconds, RealNameStatus = realName };
}
