using Microsoft.Extensions.Logging;
using Npgsql;
using Polling.Core.Persistence.Accounts;

namespace Polling.Core.Queue.Quotas;

/// <summary>
/// Charges an account right before each HTTP attempt of every kind; only what it grants may be sent. Fetches the next block of a
/// monthly budget from PostgreSQL when Redis asks for it.
/// </summary>
/// <remarks>
/// A crash between reservation and grant, or a grant that comes too late, leaves a block that counts as used; no crash lets more
/// through than the budget.
/// </remarks>
public sealed partial class AccountGate(QuotaGate quotas, MonthBudget months, ILogger<AccountGate> logger)
{
    private static readonly TimeSpan TroublePause = TimeSpan.FromSeconds(1);

    /// <inheritdoc cref="QuotaGate.AcquireAsync"/>
    public async Task<QuotaDecision> AcquireAsync(int accountId, string attempt, TimeSpan timeout, CallPriority priority = CallPriority.Polling)
    {
        var decision = await quotas.AcquireAsync(accountId, attempt, timeout, priority);
        if (decision.Month is not { } asked)
        {
            return decision;
        }

        try
        {
            await quotas.GrantAsync(accountId, asked, await months.ReserveAsync(accountId, asked.Month));
        }
        catch (Exception e) when (e is NpgsqlException or TimeoutException)
        {
            LogNotReserved(logger, accountId, asked.Month, e.Message);
            return decision with { RetryAfter = TroublePause };
        }

        return await quotas.AcquireAsync(accountId, attempt, timeout, priority);
    }

    /// <inheritdoc cref="QuotaGate.RegrantAsync"/>
    public Task<bool> RegrantAsync(int accountId, string attempt, TimeSpan timeout) => quotas.RegrantAsync(accountId, attempt, timeout);

    /// <inheritdoc cref="QuotaGate.EndAsync"/>
    public async Task<AccountHealth?> EndAsync(int accountId, string attempt, AttemptResult result, TimeSpan latency)
    {
        var health = await quotas.EndAsync(accountId, attempt, result, latency);
        if (health is { CircuitChanged: true, Circuit: CircuitState.Closed })
        {
            LogClosed(logger, accountId);
        }
        else if (health is { CircuitChanged: true })
        {
            LogOpened(logger, accountId, result);
        }

        return health;
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Account {AccountId} sends nothing: no block of its calls of {Month} could be reserved: {Reason}")]
    private static partial void LogNotReserved(ILogger logger, int accountId, DateOnly month, string reason);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The circuit of account {AccountId} opens: its calls fail, the last one with {Result}")]
    private static partial void LogOpened(ILogger logger, int accountId, AttemptResult result);

    [LoggerMessage(Level = LogLevel.Information, Message = "The circuit of account {AccountId} closes: its carrier answers again")]
    private static partial void LogClosed(ILogger logger, int accountId);
}
