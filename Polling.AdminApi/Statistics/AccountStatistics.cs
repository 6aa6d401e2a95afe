using Microsoft.EntityFrameworkCore;
using Polling.Core.Configuration;
using Polling.Core.Persistence;
using Polling.Core.Queue.Lateness;
using Polling.Core.Statistics;
using Polling.Core.Statistics.Windows;

namespace Polling.AdminApi.Statistics;

/// <summary>How each account fares: what waits for it and why, and what happened. Costs a few commands an account, none a card.</summary>
internal sealed class AccountStatistics(PollingDbContext context, WindowCache windows, AccountQueueReader queues)
{
    public async Task<AccountStatisticsPageAnswer> ReadAsync(
        IReadOnlyList<TaskType> types, StatisticsWindow window, int page, int pageSize, CancellationToken cancellationToken)
    {
        var accounts = context.CarrierAccounts.AsNoTracking();
        var total = await accounts.LongCountAsync(cancellationToken);
        var shown = await accounts.OrderBy(account => account.Id).Skip((page - 1) * pageSize).Take(pageSize)
            .Select(account => new { account.Id, account.Code }).ToListAsync(cancellationToken);
        var items = new List<AccountStatisticsAnswer>();
        foreach (var type in types)
        {
            var figures = await windows.ReadAccountsAsync(type, window);
            items.AddRange(await Task.WhenAll(shown.Select(account => ReadAsync(type, account.Id, account.Code, figures.GetValueOrDefault(account.Id)))));
        }

        return new AccountStatisticsPageAnswer([.. items.OrderBy(item => item.AccountId)], total, page, pageSize);
    }

    private async Task<AccountStatisticsAnswer> ReadAsync(TaskType type, int id, string code, WindowStatistics? figures)
    {
        var queue = await queues.ReadAsync(type, id);
        return new AccountStatisticsAnswer(
            id, code, type.Name(), queue.Scheduled, queue.Due, queue.OldestDueAt, queue.WaitsFor?.Name(), queue.Manual,
            figures is null ? null : WindowAnswer.Of(figures));
    }
}
