namespace Polling.Executor.Gateway;

/// <summary>
/// Allows retries for a tenth of the calls, so that a carrier in trouble is not asked twice as often. A bucket of tokens: each
/// call adds a tenth of one, a retry takes one, ten are kept at most.
/// </summary>
internal sealed class RetryBudget
{
    private const int TokensPerRetry = 10;
    private const int TokensMax = 10 * TokensPerRetry;
    private int _tokens = TokensMax;

    /// <summary>A call is made.</summary>
    public void Deposit()
    {
        if (Interlocked.Increment(ref _tokens) > TokensMax)
        {
            Interlocked.Decrement(ref _tokens);
        }
    }

    /// <summary>Takes one retry, if the budget has it.</summary>
    public bool TryWithdraw()
    {
        if (Interlocked.Add(ref _tokens, -TokensPerRetry) >= 0)
        {
            return true;
        }

        Interlocked.Add(ref _tokens, TokensPerRetry);
        return false;
    }
}
