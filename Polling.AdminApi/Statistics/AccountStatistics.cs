using Microsoft.EntityFrameworkCore;
using Polling.Core.Configuration;
using Polling.Core.Persistence;
using Polling.Core.Queue;
using Polling.Core.Queue.Lateness;
using Polling.Core.Statistics.Windows;
using StackExchange.Redis;

namespace Polling.AdminApi.Statistics;

/// <summary>How each account fares: what waits for it and why, and what happened. Costs a few commands an account, none a card.</summary>
internal sealed class AccountStatistics(PollingDbContext context, WindowCache windows, IConnectionMultiplexer redis, RedisKeys keys, TimeProvider clock)
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
        var database = redis.GetDatabase();
        var schedule = keys.Schedule(type, id);
        var nowMs = clock.GetUtcNow().ToUnixTimeMilliseconds();
        var scheduled = database.SortedSetLengthAsync(schedule);
        var due = database.SortedSetLengthAsync(schedule, double.NegativeInfinity, nowMs);
        var head = database.SortedSetRangeByRankWithScoresAsync(schedule, 0, 0);
        var cause = database.HashGetAsync(keys.Fair(type), $"c:{id}");
        var manual = database.ListLengthAsync(keys.ManualOf(type, id));
        var first = (await head).FirstOrDefault();
        var isDue = await due > 0;
        return new AccountStatisticsAnswer(
            id, code, type.Name(), await scheduled, await due, isDue ? DateTimeOffset.FromUnixTimeMilliseconds((long)first.Score) : null,
            isDue ? WaitsFor(await cause) : null, await manual, figures is null ? null : WindowAnswer.Of(figures));
    }

    // Nothing noted: their turn has not come yet.
    private static string WaitsFor(RedisValue letter) => (letter.IsNull ? LatenessCause.Backlog : LatenessCauses.Of(letter)).Name();
}
