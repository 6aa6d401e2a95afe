using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using Npgsql;
using Polling.AdminApi.AuditLog;
using Polling.AdminApi.Http;
using Polling.Core.Carriers;
using Polling.Core.Persistence;
using Polling.Core.Queue.Lateness;
using Polling.Core.Queue.Quotas;

namespace Polling.AdminApi.Accounts;

/// <summary>The carrier accounts in PostgreSQL. Schedulers publish them every second, so a change is in force within 2 s.</summary>
internal sealed partial class AccountStore(
    PollingDbContext context, AuditTrail audit, AccountDemand demand, IOptions<QuotaOptions> quotas, TimeProvider clock, ILogger<AccountStore> logger)
{
    // sequence_generator_limit_exceeded
    private const string IdsUsedUp = "2200H";

    public async Task<AccountListAnswer> ListAsync(CancellationToken cancellationToken)
    {
        var accounts = await context.CarrierAccounts.AsNoTracking().OrderBy(account => account.Id).ToArrayAsync(cancellationToken);
        var items = await Task.WhenAll(accounts.Select(AnswerAsync));
        return new AccountListAnswer(items, items.Length);
    }

    /// <summary>An account to read or to change, or null.</summary>
    public Task<CarrierAccount?> FindAsync(int id, CancellationToken cancellationToken) =>
        context.CarrierAccounts.SingleOrDefaultAsync(account => account.Id == id, cancellationToken);

    /// <summary>Refuses a carrier that does not exist, and a code that another account has.</summary>
    public async Task CheckNewAsync(CarrierAccount account, Parameters parameters, CancellationToken cancellationToken)
    {
        if (!await context.Carriers.AnyAsync(carrier => carrier.Id == account.CarrierId, cancellationToken))
        {
            parameters.Refuse("carrier_id", $"{account.CarrierId}", "the id of a carrier (GET /api/admin/carriers)");
        }

        if (await context.CarrierAccounts.AnyAsync(other => other.Code == account.Code, cancellationToken))
        {
            parameters.Refuse("code", account.Code, "one that no other account has");
        }
    }

    /// <summary>Saves a new account.</summary>
    /// <returns>False: there are as many accounts as there can be, or another has taken the code meanwhile.</returns>
    public async Task<bool> CreateAsync(CarrierAccount account, CancellationToken cancellationToken)
    {
        account.CreatedAt = account.UpdatedAt = clock.SaveTime();
        context.CarrierAccounts.Add(account);
        try
        {
            await audit.SaveChangesAsync(cancellationToken);
        }
        catch (DbUpdateException e) when (e.InnerException is PostgresException { SqlState: PostgresErrorCodes.UniqueViolation or IdsUsedUp })
        {
            return false;
        }

        return true;
    }

    /// <summary>Deletes an account that no card and no pool belongs to. (Its usage records stay; its id is not used again.)</summary>
    /// <returns>False: it has cards, or pools.</returns>
    public async Task<bool> DeleteAsync(CarrierAccount account, CancellationToken cancellationToken)
    {
        context.CarrierAccounts.Remove(account);
        try
        {
            await audit.SaveChangesAsync(cancellationToken);
        }
        catch (DbUpdateException e) when (e.InnerException is PostgresException { SqlState: PostgresErrorCodes.ForeignKeyViolation })
        {
            return false;
        }

        return true;
    }

    /// <summary>Saves the changed fields of an account from <see cref="FindAsync"/>.</summary>
    public async Task SaveAsync(CarrierAccount account, CancellationToken cancellationToken)
    {
        if (!context.ChangeTracker.HasChanges())
        {
            return;
        }

        account.RowVersion++;
        account.UpdatedAt = clock.SaveTime();
        await audit.SaveChangesAsync(cancellationToken);
        LogSaved(
            account.Code, account.Status, account.CallsPerSecond, account.CallsPer5Minutes, account.CallsPerMonth, account.MaxInFlight, account.Weight);
    }

    public async Task<AccountAnswer> AnswerAsync(CarrierAccount account) =>
        AccountAnswer.Of(account, quotas.Value.ReservedPercent, await demand.ReadAsync(account.Id));

    [LoggerMessage(Level = LogLevel.Information, Message = "Carrier account {Account} is changed: {Status}, {CallsPerSecond} calls a second, {CallsPer5Minutes} in five minutes, {CallsPerMonth} a month, {MaxInFlight} in flight, weight {Weight}")]
    private partial void LogSaved(
        string account, AccountStatus status, int callsPerSecond, int? callsPer5Minutes, long? callsPerMonth, int maxInFlight, int weight);
}
