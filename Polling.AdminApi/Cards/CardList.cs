using Microsoft.EntityFrameworkCore;
using Polling.Core.Configuration;
using Polling.Core.Persistence;
using Polling.Core.Queue.Lateness;
using StackExchange.Redis;

namespace Polling.AdminApi.Cards;

/// <summary>Reads cards for the list and for one card's page.</summary>
internal sealed class CardList(PollingDbContext context, CardPlaceReader places)
{
    public async Task<CardPageAnswer> ReadAsync(CardFilter filter, CancellationToken cancellationToken)
    {
        var matching = filter.Condition.Of(context.Cards.AsNoTracking());
        long? total = filter.AfterId is null ? await matching.LongCountAsync(cancellationToken) : null;
        var ordered = matching.OrderBy(card => card.Id);
        var part = filter.AfterId is { } afterId
            ? ordered.Where(card => card.Id > afterId)
            : ordered.Skip((filter.Page - 1) * filter.PageSize);

        // One more than the page tells whether there is a next one.
        var cards = await part.Take(filter.PageSize + 1).ToListAsync(cancellationToken);
        var hasMore = cards.Count > filter.PageSize;
        var items = cards.Take(filter.PageSize).Select(CardAnswer.Of).ToList();
        return new CardPageAnswer(
            items, total, filter.AfterId is null ? filter.Page : null, filter.PageSize, hasMore ? items[^1].Id : null);
    }

    public async Task<CardDetailAnswer?> FindAsync(long id, CancellationToken cancellationToken)
    {
        var card = await context.Cards.AsNoTracking().SingleOrDefaultAsync(card => card.Id == id, cancellationToken);
        if (card is null)
        {
            return null;
        }

        var polls = await context.CardPolls.AsNoTracking()
            .Where(poll => poll.CardId == id)
            .OrderBy(poll => poll.TaskType)
            .ToListAsync(cancellationToken);
        return new CardDetailAnswer(CardAnswer.Of(card), [.. polls.Select(CardPollAnswer.Of)], await PlacesAsync(id, cancellationToken));
    }

    private async Task<CardPlaceAnswer[]?> PlacesAsync(long id, CancellationToken cancellationToken)
    {
        var accounts = await context.CarrierAccounts.Select(account => account.Id).ToArrayAsync(cancellationToken);
        try
        {
            return await Task.WhenAll(TaskTypes.All.Select(async type => CardPlaceAnswer.Of(type, await places.ReadAsync(type, id, accounts))));
        }
        catch (Exception e) when (e is RedisException or RedisTimeoutException)
        {
            // The rest of the page is PostgreSQL's.
            return null;
        }
    }
}
