using System.Collections.Frozen;
using Polling.Core.Cards;

namespace Polling.Core.Configuration;

/// <summary>All polling configurations as of one reading, asked for each card; immutable and safe for concurrent use.</summary>
public sealed class PollingConfigSet
{
    private readonly FrozenDictionary<TaskType, PollingConfig[]> _byTask;

    /// <param name="configs">The rows of <c>tb_polling_config</c>, in any order, switched off ones included. Those that <see cref="PollingConfigCheck"/> refuses do not count.</param>
    public PollingConfigSet(IEnumerable<PollingConfig> configs) =>
        _byTask = configs
            .Where(config => config.Status == ConfigStatus.On && PollingConfigCheck.Check(config).Count == 0)
            .GroupBy(config => config.TaskType)
            .ToFrozenDictionary(
                group => group.Key,
                group => group
                    .OrderBy(config => config.Priority)
                    .ThenByDescending(config => config.Specificity)
                    .ThenBy(config => config.Id)
                    .ToArray());

    /// <summary>
    /// The configuration that rules the card: lowest priority number first, then the one that states more conditions, then the lower
    /// id. Null: the card is not polled for the task.
    /// </summary>
    public PollingConfig? Find(
        TaskType task, int carrierId, int accountId, CardStatus status, RealNameStatus realNameStatus, int? packageId)
    {
        if (!_byTask.TryGetValue(task, out var configs))
        {
            return null;
        }

        foreach (var config in configs)
        {
            if (config.Matches(carrierId, accountId, status, realNameStatus, packageId))
            {
                return config;
            }
        }

        return null;
    }

    /// <inheritdoc cref="Find(TaskType, int, int, CardStatus, RealNameStatus, int?)"/>
    public PollingConfig? Find(TaskType task, Card card) =>
        Find(task, card.CarrierId, card.AccountId, card.Status, card.RealNameStatus, card.PackageId);

    /// <summary>The configurations that can apply to cards of an account, in order of precedence.</summary>
    public IEnumerable<PollingConfig> ForAccount(TaskType task, int carrierId, int accountId) =>
        _byTask.GetValueOrDefault(task, []).Where(config =>
            (config.CarrierId is null || config.CarrierId == carrierId) && (config.AccountId is null || config.AccountId == accountId));
}
