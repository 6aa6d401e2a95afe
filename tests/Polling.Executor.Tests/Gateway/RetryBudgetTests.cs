using Polling.Executor.Gateway;

namespace Polling.Executor.Tests.Gateway;

public class RetryBudgetTests
{
    [Fact]
    public void Of_many_failing_calls_a_tenth_is_tried_again()
    {
        var budget = new RetryBudget();
        while (budget.TryWithdraw())
        {
        }

        var retries = 0;
        for (var call = 0; call < 1000; call++)
        {
            budget.Deposit();
            retries += budget.TryWithdraw() ? 1 : 0;
        }

        Assert.Equal(100, retries);
    }

    [Fact]
    public void A_quiet_hour_saves_up_no_more_than_ten()
    {
        var budget = new RetryBudget();
        for (var call = 0; call < 10_000; call++)
        {
            budget.Deposit();
        }

        Assert.Equal(10, Enumerable.Range(0, 100).Count(_ => budget.TryWithdraw()));
    }
}
