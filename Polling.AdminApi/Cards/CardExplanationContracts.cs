using Polling.Core.Cards;
using Polling.Core.Configuration;

namespace Polling.AdminApi.Cards;

/// <summary>Why a card is asked as it is.</summary>
/// <param name="Card">The card.</param>
/// <param name="Account">Code of its carrier account.</param>
/// <param name="Tasks">Each task type.</param>
internal sealed record CardExplanationAnswer(CardAnswer Card, string Account, IReadOnlyList<TaskExplanationAnswer> Tasks);

/// <summary>A card for one task.</summary>
/// <param name="TaskType">realname, carddata, package.</param>
/// <param name="Summary">What it waits for, in a sentence.</param>
/// <param name="Configuration">The configuration that rules it; null = none applies, it is not polled.</param>
/// <param name="OtherConfigurations">Others whose conditions hold, in order of precedence, switched off ones last.</param>
/// <param name="NextDueAt">When it is next due; null while it is queued, being asked, set aside, or not polled.</param>
/// <param name="Place">Where it is; null when Redis does not answer.</param>
/// <param name="LastCall">How its newest call ended; null = it was never asked.</param>
/// <param name="Readings">What its carrier said: the last changes of its real-name status, the last ten usage readings, its package.</param>
internal sealed record TaskExplanationAnswer(
    string TaskType,
    string Summary,
    ConfigurationReasonAnswer? Configuration,
    IReadOnlyList<ConfigurationReasonAnswer> OtherConfigurations,
    DateTimeOffset? NextDueAt,
    CardPlaceAnswer? Place,
    CardPollAnswer? LastCall,
    IReadOnlyList<ReadingAnswer> Readings);

/// <summary>A configuration whose conditions hold. The lowest priority number wins, then the one with more conditions, then the lower id.</summary>
internal sealed record ConfigurationReasonAnswer(int Id, string Name, int IntervalSeconds, int Priority, int Conditions, ConfigStatus Status)
{
    public static ConfigurationReasonAnswer Of(PollingConfig config) =>
        new(config.Id, config.Name, config.IntervalSeconds, config.Priority, config.Specificity, config.Status);
}

/// <summary>What the carrier said of a card.</summary>
/// <param name="CheckedAt">When.</param>
/// <param name="RealNameStatus">0 not real-named, 1 real-named.</param>
/// <param name="Cycle">First day of the billing cycle that a usage reading belongs to.</param>
/// <param name="UsedBytes">Used since then, or of the package, bytes.</param>
/// <param name="PackageCode">The carrier's code of the package.</param>
/// <param name="AllowanceBytes">What the package allows, bytes.</param>
/// <param name="ValidUntil">When the package ends; null = open.</param>
internal sealed record ReadingAnswer(
    DateTimeOffset CheckedAt, RealNameStatus? RealNameStatus, DateOnly? Cycle, long? UsedBytes, string? PackageCode, long? AllowanceBytes, DateTimeOffset? ValidUntil);
