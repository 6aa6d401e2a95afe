using System.Globalization;
using Polling.Core.Cards;
using Polling.Core.Carriers;
using Polling.Core.Configuration;
using Polling.Core.Queue.Lateness;

namespace Polling.AdminApi.Cards;

/// <summary>Says in a sentence what a card waits for.</summary>
internal static class CardSentences
{
    public static string Describe(Card card, CarrierAccount account, PollingConfig? config, CardPlace? place)
    {
        if (card.Status == CardStatus.Terminated)
        {
            return "The card is terminated: it is not polled.";
        }

        if (config is null)
        {
            return "No switched-on configuration applies to the card: it is not polled for this task.";
        }

        var rule = string.Create(CultureInfo.InvariantCulture, $"It is asked every {config.IntervalSeconds} s (configuration {config.Id}, {config.Name}).");
        return $"{rule} {Where(account, place)}";
    }

    private static string Where(CarrierAccount account, CardPlace? place) => place switch
    {
        null => "Redis does not answer, so where it is now is unknown.",
        { Kind: PlaceKind.None } => "It has no place yet; the audit gives it one.",
        { Kind: PlaceKind.Quarantine } => $"It was set aside at {place.Since:O} because its checks failed again and again; release it by polling-quarantine.",
        { Kind: PlaceKind.Lease } => $"{place.Executor ?? "An executor"} is asking for it since {place.Since:O}.",
        { Kind: PlaceKind.Queue } => $"It is admitted since {place.Since:O} and waits for a permit or an executor{Late(place)}.",
        { Lateness: { } late } when late > LatenessCauses.OnTimeWithin => account.Status == AccountStatus.Paused
            ? $"It is due, but its account {account.Code} is paused{Late(place)}."
            : $"It is due and waits{Late(place)}.",
        _ => $"It is next due at {place.DueAt:O}.",
    };

    private static string Late(CardPlace place) => place is { Lateness: { } late, Cause: { } cause } && cause != LatenessCause.OnTime
        ? string.Create(CultureInfo.InvariantCulture, $"; {late.TotalSeconds:F0} s late by now because of: {cause.Name()}")
        : "";
}
