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
        // PostgreSQL and Redis work at the same time.
        var happened = Task.WhenAll(types.Select(type => windows.ReadAccountsAsync(type, window)));
        var accounts = context.CarrierAccounts.AsNoTracking();
        var total = await accounts.LongCountAsync(cancellationToken);
        var shown = await accounts.OrderBy(account => account.Id).Skip((page - 1) * pageSize).Take(pageSize)
            .Select(account => new { account.Id, account.Code }).ToListAsync(cancellationToken);
        int[] ids = [.. shown.Select(account => account.Id)];
        var waiting = await Task.WhenAll(types.Select(type => queues.ReadAsync(type, ids)));
        var figures = await happened;
        return new AccountStatisticsPageAnswer(
            [
                .. shown.SelectMany((account, i) => types.Select((type, t) =>
                    Answer(account.Id, account.Code, type, waiting[t][i], figures[t].GetValueOrDefault(account.Id)))),
            ],
            total, page, pageSize);
    }

    private static AccountStatisticsAnswer Answer(int id, string code, TaskType type, AccountQueue queue, WindowStatistics? figures) => new(
        id, code, type.Name(), queue.Scheduled, queue.Due, queue.OldestDueAt, queue.WaitsFor?.Name(), queue.Manual,
        figures is null ? null : WindowAnswer.Of(figures));
}
