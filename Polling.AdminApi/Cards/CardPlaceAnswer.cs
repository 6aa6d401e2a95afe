using Polling.Core.Configuration;
using Polling.Core.Queue.Lateness;

namespace Polling.AdminApi.Cards;

/// <summary>Where a card is for a task, and how late.</summary>
/// <param name="TaskType">Task type.</param>
/// <param name="Place">none (no configuration applies, or not placed yet), schedule, queue, lease, quarantine.</param>
/// <param name="AccountId">The account in whose schedule, queue or call it is.</param>
/// <param name="DueAt">When it is, or was, due.</param>
/// <param name="Since">Since when it is in the queue, lease or quarantine.</param>
/// <param name="LeaseUntil">When its lease ends unless it is renewed.</param>
/// <param name="Executor">The executor that has it: machine and process.</param>
/// <param name="Call">Name of the call that has it.</param>
/// <param name="TriggerId">The manual trigger that asked for it, in the queue or a lease; null = polled.</param>
/// <param name="Attempts">How often a lease of its has expired since it was admitted.</param>
/// <param name="LatenessMs">How late it is by now or, in a lease, was when it was claimed.</param>
/// <param name="LatenessCause">on_time, quota, permit, breaker, worker, backlog.</param>
internal sealed record CardPlaceAnswer(
    string TaskType,
    string Place,
    int? AccountId,
    DateTimeOffset? DueAt,
    DateTimeOffset? Since,
    DateTimeOffset? LeaseUntil,
    string? Executor,
    string? Call,
    string? TriggerId,
    int Attempts,
    long? LatenessMs,
    string? LatenessCause)
{
    public static CardPlaceAnswer Of(TaskType type, CardPlace place) => new(
        type.Name(), Name(place.Kind), place.AccountId, place.DueAt, place.Since, place.LeaseUntil, place.Executor, place.Call, place.Trigger, place.Attempts,
        (long?)place.Lateness?.TotalMilliseconds, place.Cause?.Name());

    private static string Name(PlaceKind kind) => kind switch
    {
        PlaceKind.Schedule => "schedule",
        PlaceKind.Queue => "queue",
        PlaceKind.Lease => "lease",
        PlaceKind.Quarantine => "quarantine",
        _ => "none",
    };
}
