using Microsoft.Extensions.Options;

namespace Polling.Executor.Tests.Options;

public class ExecutorOptionsTests
{
    private static ValidateOptionsResult Validate(ExecutorOptions options) => new ExecutorOptionsValidator().Validate(null, options);

    [Fact]
    public void The_defaults_fit_together() => Assert.True(Validate(new ExecutorOptions()).Succeeded);

    [Fact]
    public void A_lease_that_could_end_before_the_result_is_durable_is_refused()
    {
        var result = Validate(new ExecutorOptions { LeaseSeconds = 20, TotalTimeoutSeconds = 15 });
        Assert.Equal(
            "Polling:Executor:LeaseSeconds is 20; it must be at least TotalTimeoutSeconds + 6 = 21, so that results are durable before the lease ends.",
            result.FailureMessage);
    }

    [Fact]
    public void An_attempt_longer_than_the_whole_call_is_refused()
    {
        var result = Validate(new ExecutorOptions { AttemptTimeoutSeconds = 16, TotalTimeoutSeconds = 15 });
        Assert.Contains("AttemptTimeoutSeconds is 16; it must be at most TotalTimeoutSeconds (15)", result.FailureMessage, StringComparison.Ordinal);
    }
}
