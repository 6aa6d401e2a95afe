using System.Globalization;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using Polling.AdminApi.AuditLog;
using Polling.AdminApi.Http;
using Polling.AdminApi.Planner;
using Polling.Core.Capacity;
using Polling.Core.Configuration;
using Polling.Core.Persistence;
using Polling.Core.Queue.Quotas;

namespace Polling.AdminApi.Configurations;

/// <summary>Which configurations a list shows.</summary>
internal sealed record ConfigurationFilter(TaskType? TaskType, ConfigStatus? Status, int Page, int PageSize);

/// <summary>The polling configurations in PostgreSQL. Schedulers publish them every second, so a change is in force within 2 s.</summary>
internal sealed partial class ConfigurationStore(
    PollingDbContext context, CardCounts cards, AuditTrail audit, IOptions<QuotaOptions> quotas, TimeProvider clock, ILogger<ConfigurationStore> logger)
{
    public async Task<ConfigurationPageAnswer> ListAsync(ConfigurationFilter filter, CancellationToken cancellationToken)
    {
        var configs = context.PollingConfigs.AsNoTracking();
        configs = filter.TaskType is { } type ? configs.Where(config => config.TaskType == type) : configs;
        configs = filter.Status is { } status ? configs.Where(config => config.Status == status) : configs;
        var total = await configs.LongCountAsync(cancellationToken);
        var page = await configs.OrderBy(config => config.Id)
            .Skip((filter.Page - 1) * filter.PageSize).Take(filter.PageSize).ToListAsync(cancellationToken);
        return new ConfigurationPageAnswer([.. page.Select(ConfigurationAnswer.Of)], total, filter.Page, filter.PageSize);
    }

    /// <summary>A configuration to read or to change, or null.</summary>
    public Task<PollingConfig?> FindAsync(int id, CancellationToken cancellationToken) =>
        context.PollingConfigs.SingleOrDefaultAsync(config => config.Id == id, cancellationToken);

    /// <summary>Refuses a carrier or account that does not exist, or that do not belong together.</summary>
    public async Task CheckAccountsAsync(PollingConfig config, Parameters parameters, CancellationToken cancellationToken)
    {
        if (config.CarrierId is { } carrierId && !await context.Carriers.AnyAsync(carrier => carrier.Id == carrierId, cancellationToken))
        {
            parameters.Refuse("carrier_id", Text(carrierId), "the id of a carrier, or null");
        }

        if (config.AccountId is not { } accountId)
        {
            return;
        }

        var account = await context.CarrierAccounts.AsNoTracking().SingleOrDefaultAsync(account => account.Id == accountId, cancellationToken);
        if (account is null)
        {
            parameters.Refuse("account_id", Text(accountId), "the id of a carrier account, or null");
        }
        else if (config.CarrierId is { } named && account.CarrierId != named)
        {
            parameters.Refuse("account_id", Text(accountId), $"an account of carrier {named}; this one is of carrier {account.CarrierId}");
        }
    }

    /// <summary>Accounts whose quota the configurations would exceed after a change. Cards are as they were counted last (<see cref="CardCounts"/>).</summary>
    /// <param name="config">What is changed or added.</param>
    /// <param name="isDeleted">Whether it is deleted.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public async Task<IReadOnlyList<QuotaMisfit>> FindMisfitsAsync(PollingConfig config, bool isDeleted, CancellationToken cancellationToken)
    {
        var before = await context.PollingConfigs.AsNoTracking().ToArrayAsync(cancellationToken);
        var after = before.Where(other => other.Id != config.Id).ToList();
        if (!isDeleted)
        {
            after.Add(config);
        }

        if (!before.Concat(after).Any(other => other.Id == config.Id && other.Status == ConfigStatus.On))
        {
            // Off before and afterwards.
            return [];
        }

        var accounts = await context.CarrierAccounts.AsNoTracking().ToArrayAsync(cancellationToken);
        var (groups, _) = await cards.ReadAsync(cancellationToken);
        return QuotaMisfit.Find(before, after, accounts, groups, quotas.Value.ReservedPercent);
    }

    /// <summary>Saves a new configuration, or the changed fields of one from <see cref="FindAsync"/>.</summary>
    /// <returns>False: it was deleted meanwhile.</returns>
    public async Task<bool> SaveAsync(PollingConfig config, CancellationToken cancellationToken)
    {
        var now = clock.SaveTime();
        config.UpdatedAt = now;
        if (config.Id == 0)
        {
            config.CreatedAt = now;
            context.PollingConfigs.Add(config);
        }

        try
        {
            await audit.SaveChangesAsync(cancellationToken);
        }
        catch (DbUpdateConcurrencyException)
        {
            return false;
        }

        LogSaved(config.Id, config.Name, config.TaskType.Name(), config.IntervalSeconds, config.Priority, config.Status);
        return true;
    }

    /// <summary>Deletes a configuration from <see cref="FindAsync"/>.</summary>
    /// <returns>False: it was deleted meanwhile.</returns>
    public async Task<bool> DeleteAsync(PollingConfig config, CancellationToken cancellationToken)
    {
        context.PollingConfigs.Remove(config);
        try
        {
            await audit.SaveChangesAsync(cancellationToken);
        }
        catch (DbUpdateConcurrencyException)
        {
            return false;
        }

        LogDeleted(config.Id);
        return true;
    }

    private static string Text(int id) => id.ToString(CultureInfo.InvariantCulture);

    [LoggerMessage(Level = LogLevel.Information, Message = "Polling configuration {Id} ({Name}) is saved: {TaskType} every {IntervalSeconds} s, priority {Priority}, {Status}")]
    private partial void LogSaved(int id, string name, string taskType, int intervalSeconds, int priority, ConfigStatus status);

    [LoggerMessage(Level = LogLevel.Information, Message = "Polling configuration {Id} is deleted")]
    private partial void LogDeleted(int id);
}
