using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using Polling.AdminApi.Http;
using Polling.Core.Carriers;
using Polling.Core.Persistence;
using Polling.Core.Queue.Lateness;
using Polling.Core.Queue.Quotas;

namespace Polling.AdminApi.Accounts;

/// <summary>The carrier accounts in PostgreSQL. Schedulers publish them every second, so a change is in force within 2 s.</summary>
internal sealed partial class AccountStore(
    PollingDbContext context, AccountDemand demand, IOptions<QuotaOptions> quotas, TimeProvider clock, ILogger<AccountStore> logger)
{
    public async Task<AccountListAnswer> ListAsync(CancellationToken cancellationToken)
    {
        var accounts = await context.CarrierAccounts.AsNoTracking().OrderBy(account => account.Id).ToArrayAsync(cancellationToken);
        var items = await Task.WhenAll(accounts.Select(AnswerAsync));
        return new AccountListAnswer(items, items.Length);
    }

    /// <summary>An account to read or to change, or null.</summary>
    public Task<CarrierAccount?> FindAsync(int id, CancellationToken cancellationToken) =>
        context.CarrierAccounts.SingleOrDefaultAsync(account => account.Id == id, cancellationToken);

    /// <summary>Saves the changed fields of an account from <see cref="FindAsync"/>.</summary>
    public async Task SaveAsync(CarrierAccount account, CancellationToken cancellationToken)
    {
        if (!context.ChangeTracker.HasChanges())
        {
            return;
        }

        account.RowVersion++;
        account.UpdatedAt = clock.SaveTime();
        await context.SaveChangesAsync(cancellationToken);
        LogSaved(
            account.Code, account.Status, account.CallsPerSecond, account.CallsPer5Minutes, account.CallsPerMonth, account.MaxInFlight, account.Weight);
    }

    public async Task<AccountAnswer> AnswerAsync(CarrierAccount account) =>
        AccountAnswer.Of(account, quotas.Value.ReservedPercent, await demand.ReadAsync(account.Id));

    [LoggerMessage(Level = LogLevel.Information, Message = "Carrier account {Account} is changed: {Status}, {CallsPerSecond} calls a second, {CallsPer5Minutes} in five minutes, {CallsPerMonth} a month, {MaxInFlight} in flight, weight {Weight}")]
    private partial void LogSaved(
        string account, AccountStatus status, int callsPerSecond, int? callsPer5Minutes, long? callsPerMonth, int maxInFlight, int weight);
}
