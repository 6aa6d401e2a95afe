using Polling.Core.Capacity;
using Polling.Core.Cards;
using Polling.Core.Carriers;
using Polling.Core.Configuration;

namespace Polling.Core.Tests.Capacity;

public class AccountPlanTests
{
    private const int NoReserve = 0;

    [Theory]
    [InlineData(1, 500_000)] // 20 calls a second for 10 M cards: 138.9 h
    [InlineData(100, 5_000)] // 100 cards a call: 83.3 min
    public void A_sweep_takes_as_long_as_the_quota_makes_it(int cardsPerCall, double seconds)
    {
        var plan = Plan(Account(20, cardsPerCall), cards: 10_000_000, Config(TaskType.Realname, 86_400));
        var task = Assert.Single(plan.Tasks);
        Assert.Equal(seconds, task.SweepSeconds(plan.QuotaCallsPerSecond)!.Value, 3);
        Assert.Equal(seconds * 1.1, task.SweepSeconds(plan.AvailableCallsPerSecond)!.Value, 3);
        Assert.Equal((long)Math.Ceiling(seconds * 1.1), plan.IntervalSecondsMin(task));
    }

    [Theory]
    [InlineData(20, null, null, CallLimit.Second)]
    [InlineData(20, 3_000, null, CallLimit.FiveMinutes)]
    [InlineData(20, 3_000, 1_000_000L, CallLimit.Month)]
    public void Each_thing_that_would_make_it_fit_does(int perSecond, int? perFiveMinutes, long? perMonth, CallLimit limit)
    {
        var account = Account(perSecond, cardsPerCall: 1);
        (account.CallsPer5Minutes, account.CallsPerMonth) = (perFiveMinutes, perMonth);
        PollingConfig[] configs = [Config(TaskType.Realname, 3_600), Config(TaskType.Carddata, 86_400)];
        var plan = Plan(account, 100_003, configs);
        Assert.Equal((false, limit), (plan.Fits, plan.LimitedBy));

        foreach (var task in plan.Tasks.Where(task => plan.IntervalSecondsMin(task) is not null))
        {
            var longer = configs.Select(config => config.TaskType == task.Type ? Config(task.Type, (int)plan.IntervalSecondsMin(task)!.Value) : config);
            Assert.True(Plan(account, 100_003, [.. longer]).Fits);
        }

        if (plan.CardsPerCallNeeded is { } cards)
        {
            account.CardsPerCall = cards;
            Assert.True(Plan(account, 100_003, configs).Fits);
            account.CardsPerCall = cards - 1;
            Assert.False(Plan(account, 100_003, configs).Fits);
            account.CardsPerCall = 1;
        }

        switch (limit)
        {
            case CallLimit.Second:
                account.CallsPerSecond = (int)plan.QuotaNeeded!.Value;
                break;
            case CallLimit.FiveMinutes:
                (account.CallsPerSecond, account.CallsPer5Minutes) = (1000, (int)plan.QuotaNeeded!.Value);
                break;
            default:
                (account.CallsPerSecond, account.CallsPer5Minutes, account.CallsPerMonth) = (1000, null, plan.QuotaNeeded);
                break;
        }

        Assert.True(Plan(account, 100_003, configs).Fits);
    }

    [Fact]
    public void What_nothing_asks_of_is_left_out_and_what_never_ends_is_not_reckoned()
    {
        var account = Account(20, 1);
        account.MaintenanceWindows = ["00:00-12:00", "12:00-00:00"];
        var plan = Plan(account, 1000, Config(TaskType.Package, 60));
        var task = Assert.Single(plan.Tasks);
        Assert.Equal((TaskType.Package, 1000L), (task.Type, task.Cards));
        Assert.Equal((false, null, null, null), (plan.Fits, plan.IntervalFactor, plan.CardsPerCallNeeded, plan.QuotaNeeded));
        Assert.Null(task.SweepSeconds(plan.AvailableCallsPerSecond));
        Assert.Null(plan.IntervalSecondsMin(task));
        Assert.Empty(Plan(Account(20, 1), 0, Config(TaskType.Package, 60)).Tasks);
    }

    private static AccountPlan Plan(CarrierAccount account, long cards, params PollingConfig[] configs) => Assert.Single(AccountPlan.Of(
        [account], [new CardGroup(1, CardStatus.Active, RealNameStatus.RealNamed, null, cards), new CardGroup(2, CardStatus.Active, RealNameStatus.RealNamed, null, 77)],
        new PollingConfigSet(configs), NoReserve));

    private static CarrierAccount Account(int perSecond, int cardsPerCall) =>
        new() { Id = 1, CarrierId = 1, Code = "A", Name = "a", CallsPerSecond = perSecond, CardsPerCall = cardsPerCall, MaxInFlight = 100 };

    private static PollingConfig Config(TaskType type, int seconds) => new() { Id = (int)type, Name = "c", TaskType = type, IntervalSeconds = seconds };
}
