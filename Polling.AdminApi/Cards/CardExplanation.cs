using Microsoft.EntityFrameworkCore;
using Polling.Core.Cards;
using Polling.Core.Configuration;
using Polling.Core.Persistence;
using Polling.Core.Queue.Lateness;
using StackExchange.Redis;

namespace Polling.AdminApi.Cards;

/// <summary>Explains a card: which configuration rules it and why, where it is, what it waits for, and what its carrier said last.</summary>
internal sealed class CardExplanation(PollingDbContext context, CardPlaceReader places)
{
    private const int ReadingsMax = 10;

    public async Task<CardExplanationAnswer?> FindAsync(long id, CancellationToken cancellationToken)
    {
        if (await context.Cards.AsNoTracking().SingleOrDefaultAsync(card => card.Id == id, cancellationToken) is not { } card)
        {
            return null;
        }

        var configs = await context.PollingConfigs.AsNoTracking().ToArrayAsync(cancellationToken);
        var polls = await context.CardPolls.AsNoTracking().Where(poll => poll.CardId == id).ToDictionaryAsync(poll => poll.TaskType, cancellationToken);
        var account = await context.CarrierAccounts.AsNoTracking().SingleAsync(a => a.Id == card.AccountId, cancellationToken);
        var where = await PlacesAsync(id, cancellationToken);
        var tasks = new List<TaskExplanationAnswer>();
        foreach (var type in TaskTypes.All)
        {
            var (winner, others) = Rank(configs, type, card);
            var place = where?[type];
            tasks.Add(new TaskExplanationAnswer(
                type.Name(),
                CardSentences.Describe(card, account, winner, place),
                winner is null ? null : ConfigurationReasonAnswer.Of(winner),
                [.. others.Select(ConfigurationReasonAnswer.Of)],
                place?.Kind == PlaceKind.Schedule ? place.DueAt : null,
                place is null ? null : CardPlaceAnswer.Of(type, place),
                polls.TryGetValue(type, out var poll) ? CardPollAnswer.Of(poll) : null,
                await ReadingsAsync(type, id, cancellationToken)));
        }

        return new CardExplanationAnswer(CardAnswer.Of(card), account.Code, tasks);
    }

    // The winner, and the others whose conditions hold, in order of precedence.
    private static (PollingConfig? Winner, IReadOnlyList<PollingConfig> Others) Rank(PollingConfig[] configs, TaskType type, Card card)
    {
        var winner = new PollingConfigSet(configs).Find(type, card);
        var others = configs
            .Where(config => config.TaskType == type && config != winner
                && config.Matches(card.CarrierId, card.AccountId, card.Status, card.RealNameStatus, card.PackageId))
            .OrderByDescending(config => config.Status).ThenBy(config => config.Priority).ThenByDescending(config => config.Specificity).ThenBy(config => config.Id);
        return (winner, [.. others]);
    }

    private async Task<Dictionary<TaskType, CardPlace>?> PlacesAsync(long id, CancellationToken cancellationToken)
    {
        var accounts = await context.CarrierAccounts.Select(account => account.Id).ToArrayAsync(cancellationToken);
        try
        {
            var found = await Task.WhenAll(TaskTypes.All.Select(async type => (Type: type, Place: await places.ReadAsync(type, id, accounts))));
            return found.ToDictionary(task => task.Type, task => task.Place);
        }
        catch (Exception e) when (e is RedisException or RedisTimeoutException)
        {
            // The rest is PostgreSQL's.
            return null;
        }
    }

    private async Task<IReadOnlyList<ReadingAnswer>> ReadingsAsync(TaskType type, long id, CancellationToken cancellationToken) => type switch
    {
        TaskType.Realname => await context.RealNameRecords.AsNoTracking().Where(record => record.CardId == id)
            .OrderByDescending(record => record.ScheduledAt).Take(ReadingsMax)
            .Select(record => new ReadingAnswer(record.CheckedAt, record.NewStatus, null, null, null, null, null)).ToArrayAsync(cancellationToken),
        TaskType.Carddata => await context.UsageRecords.AsNoTracking().Where(record => record.CardId == id && record.TaskType == type)
            .OrderByDescending(record => record.ScheduledAt).Take(ReadingsMax)
            .Select(record => new ReadingAnswer(record.CheckedAt, null, record.Cycle, record.UsedBytes, null, null, null)).ToArrayAsync(cancellationToken),
        _ => await context.CardPackages.AsNoTracking().Where(package => package.CardId == id)
            .Select(package => new ReadingAnswer(
                package.CheckedAt, null, null, package.UsedBytes, package.PackageCode, package.AllowanceBytes, package.ValidUntil)).ToArrayAsync(cancellationToken),
    };
}
