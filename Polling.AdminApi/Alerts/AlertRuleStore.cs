using System.Globalization;
using Microsoft.EntityFrameworkCore;
using Polling.AdminApi.AuditLog;
using Polling.AdminApi.Http;
using Polling.Core.Alerts.Rules;
using Polling.Core.Persistence;

namespace Polling.AdminApi.Alerts;

/// <summary>The alert rules in PostgreSQL. They are read at each evaluation, so a change is in force within 5 s.</summary>
internal sealed partial class AlertRuleStore(PollingDbContext context, AuditTrail audit, TimeProvider clock, ILogger<AlertRuleStore> logger)
{
    public async Task<AlertRulePageAnswer> ListAsync(bool? isEnabled, int page, int pageSize, CancellationToken cancellationToken)
    {
        var rules = context.AlertRules.AsNoTracking();
        rules = isEnabled is { } wanted ? rules.Where(rule => rule.IsEnabled == wanted) : rules;
        var total = await rules.LongCountAsync(cancellationToken);
        var items = await rules.OrderBy(rule => rule.Id).Skip((page - 1) * pageSize).Take(pageSize).ToListAsync(cancellationToken);
        return new AlertRulePageAnswer([.. items.Select(AlertRuleAnswer.Of)], total, page, pageSize);
    }

    /// <summary>A rule to read or to change, or null.</summary>
    public Task<AlertRule?> FindAsync(int id, CancellationToken cancellationToken) =>
        context.AlertRules.SingleOrDefaultAsync(rule => rule.Id == id, cancellationToken);

    /// <summary>Refuses an account that does not exist.</summary>
    public async Task CheckAccountAsync(AlertRule rule, Parameters parameters, CancellationToken cancellationToken)
    {
        if (rule.AccountId is { } id && !await context.CarrierAccounts.AnyAsync(account => account.Id == id, cancellationToken))
        {
            parameters.Refuse("account_id", id.ToString(CultureInfo.InvariantCulture), "the id of a carrier account, or null");
        }
    }

    /// <summary>Saves a new rule, or the changed fields of one from <see cref="FindAsync"/>.</summary>
    /// <returns>False: it was deleted meanwhile.</returns>
    public async Task<bool> SaveAsync(AlertRule rule, CancellationToken cancellationToken)
    {
        var now = clock.SaveTime();
        rule.UpdatedAt = now;
        if (rule.Id == 0)
        {
            rule.CreatedAt = now;
            context.AlertRules.Add(rule);
        }

        try
        {
            await audit.SaveChangesAsync(cancellationToken);
        }
        catch (DbUpdateConcurrencyException)
        {
            return false;
        }

        LogSaved(rule.Id, rule.Name, rule.RuleType, rule.Comparison, rule.Threshold, rule.IsEnabled);
        return true;
    }

    /// <returns>False: there is none of this id.</returns>
    public async Task<bool> DeleteAsync(int id, CancellationToken cancellationToken)
    {
        if (await FindAsync(id, cancellationToken) is not { } rule)
        {
            return false;
        }

        context.AlertRules.Remove(rule);
        try
        {
            await audit.SaveChangesAsync(cancellationToken);
        }
        catch (DbUpdateConcurrencyException)
        {
            return false;
        }

        LogDeleted(id, rule.Name);
        return true;
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Alert rule {Id} ({Name}) is saved: {RuleType} {Comparison} {Threshold}, enabled: {IsEnabled}")]
    private partial void LogSaved(int id, string name, string ruleType, string comparison, double threshold, bool isEnabled);

    [LoggerMessage(Level = LogLevel.Information, Message = "Alert rule {Id} ({Name}) is deleted")]
    private partial void LogDeleted(int id, string name);
}
