using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Polling.Core.Cards;
using Polling.Core.ManualTriggers;

namespace Polling.Core.Persistence.ManualTriggers;

/// <summary>Lists the cards of a trigger that names them by a condition, a page at a time: what was listed is durable, and it goes on from there.</summary>
public sealed class ManualTriggerListing(PollingDbContext context)
{
    private const int CardsPerPage = 5_000;

    // So many may wait in PostgreSQL before more are listed: a trigger that is cancelled early has cost little.
    private const int WaitingMax = 20_000;

    /// <summary>A condition as it is stored.</summary>
    public static string ToJson(CardCondition condition) => JsonSerializer.Serialize(condition);

    /// <summary>The condition that was stored.</summary>
    public static CardCondition FromJson(string json) => JsonSerializer.Deserialize<CardCondition>(json)!;

    /// <summary>Lists the next page, if there is room and there are more.</summary>
    /// <returns>How many cards were listed.</returns>
    public Task<int> ListAsync(long triggerId, CancellationToken cancellation) =>
        context.Database.CreateExecutionStrategy().ExecuteAsync(token => ListOnceAsync(triggerId, token), cancellation);

    private async Task<int> ListOnceAsync(long triggerId, CancellationToken cancellation)
    {
        context.ChangeTracker.Clear();
        await using var transaction = await context.Database.BeginTransactionAsync(cancellation);
        var trigger = await context.ManualTriggers
            .FromSql($"SELECT * FROM tb_polling_manual_trigger WHERE id = {triggerId} AND listed_to IS NOT NULL FOR NO KEY UPDATE SKIP LOCKED")
            .SingleOrDefaultAsync(cancellation);
        if (trigger is not { ListedTo: { } listedTo, Condition: { } json }
            || await context.ManualItems.Where(i => i.TriggerId == triggerId && i.State == ManualItemState.Waiting).Take(WaitingMax).CountAsync(cancellation) == WaitingMax)
        {
            return 0;
        }

        var page = await FromJson(json).Of(context.Cards.AsNoTracking()).Where(card => card.Id > listedTo).OrderBy(card => card.Id)
            .Take(CardsPerPage).Select(card => new { card.Id, card.AccountId }).ToArrayAsync(cancellation);
        await context.Database.ExecuteSqlRawAsync(
            """
            INSERT INTO tb_polling_manual_item (trigger_id, card_id, account_id, state)
            SELECT {0}, id, account_id, 0 FROM unnest({1}, {2}) AS c(id, account_id)
            ON CONFLICT DO NOTHING
            """,
            [triggerId, Array.ConvertAll(page, card => card.Id), Array.ConvertAll(page, card => card.AccountId)], cancellation);
        trigger.ListedTo = page.Length < CardsPerPage ? null : page[^1].Id;
        await context.SaveChangesAsync(cancellation);
        await transaction.CommitAsync(cancellation);
        return page.Length;
    }
}
