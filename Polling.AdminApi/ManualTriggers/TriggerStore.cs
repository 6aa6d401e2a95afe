using Microsoft.EntityFrameworkCore;
using Polling.Core.Configuration;
using Polling.Core.ManualTriggers;
using Polling.Core.Persistence;
using Polling.Core.Persistence.ManualTriggers;

namespace Polling.AdminApi.ManualTriggers;

/// <summary>Which triggers a list shows.</summary>
internal sealed record TriggerFilter(TaskType? TaskType, string? State, int Page, int PageSize);

/// <summary>Reads triggers.</summary>
internal sealed class TriggerStore(PollingDbContext context, ManualTriggerStore triggers)
{
    public static readonly string[] States = ["open", "done", "cancelled"];

    public Task<ManualTrigger?> FindAsync(long id, CancellationToken cancellationToken) =>
        context.ManualTriggers.AsNoTracking().SingleOrDefaultAsync(trigger => trigger.Id == id, cancellationToken);

    public async Task<TriggerAnswer> DescribeAsync(ManualTrigger trigger, CancellationToken cancellationToken) =>
        TriggerAnswer.Of(trigger, await triggers.ProgressAsync(trigger.Id, cancellationToken));

    public async Task<TriggerPageAnswer> ListAsync(TriggerFilter filter, CancellationToken cancellationToken)
    {
        var matching = context.ManualTriggers.AsNoTracking();
        matching = filter.TaskType is { } type ? matching.Where(trigger => trigger.TaskType == type) : matching;
        matching = filter.State switch
        {
            "open" => matching.Where(trigger => trigger.FinishedAt == null),
            "done" => matching.Where(trigger => trigger.FinishedAt != null && trigger.CancelledAt == null),
            "cancelled" => matching.Where(trigger => trigger.CancelledAt != null),
            _ => matching,
        };
        var total = await matching.LongCountAsync(cancellationToken);
        var page = await matching.OrderByDescending(trigger => trigger.Id)
            .Skip((filter.Page - 1) * filter.PageSize).Take(filter.PageSize).ToListAsync(cancellationToken);
        var items = new List<TriggerAnswer>();
        foreach (var trigger in page)
        {
            items.Add(await DescribeAsync(trigger, cancellationToken));
        }

        return new TriggerPageAnswer(items, total, filter.Page, filter.PageSize);
    }

    public async Task<TriggerCardsAnswer> CardsAsync(
        ManualTrigger trigger, ManualItemState? state, long afterCardId, int pageSize, CancellationToken cancellationToken)
    {
        var cards = context.ManualItems.AsNoTracking().Where(item => item.TriggerId == trigger.Id && item.CardId > afterCardId);
        cards = (state, trigger.CancelledAt) switch
        {
            (null, _) => cards,
            (ManualItemState.Cancelled, not null) => cards.Where(item => item.State == ManualItemState.Cancelled || item.State == ManualItemState.Waiting),
            (ManualItemState.Waiting, not null) => cards.Where(_ => false),
            _ => cards.Where(item => item.State == state),
        };

        // One more than the page tells whether there is a next one.
        var found = await cards.OrderBy(item => item.CardId).Take(pageSize + 1).ToListAsync(cancellationToken);
        var items = found.Take(pageSize).Select(item => TriggerCardAnswer.Of(item, trigger)).ToList();
        return new TriggerCardsAnswer(items, found.Count > pageSize ? items[^1].CardId : null);
    }
}
