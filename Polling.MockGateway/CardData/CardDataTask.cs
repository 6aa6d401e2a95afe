using System.Globalization;
using System.Text.Json;
using Polling.MockGateway.Calls;
using Polling.MockGateway.Cards;
using Polling.MockGateway.Dialects.Plain;
using Polling.MockGateway.Usage;

namespace Polling.MockGateway.CardData;

/// <summary>What a card has used since its month began: <c>"used_bytes":12345,"as_of":"…","cycle":"2026-11-01"</c>.</summary>
internal sealed class CardDataTask(UsageProfiles usage) : ICarrierTask
{
    // Of one request each: as of when its figures are, and of which cycle.
    private CarrierFigure _figure;

    public string Name => "carddata";

    public CardAnswer Answer(CardId card)
    {
        _figure = usage.Read(card);
        return new(card, CardOutcome.Usage, _figure.Bytes) { Cycle = _figure.Cycle };
    }

    public void Write(Utf8JsonWriter json, in CardAnswer answer)
    {
        json.WriteNumber("used_bytes"u8, answer.Value);
        json.WriteString("as_of"u8, _figure.AsOf.ToString("yyyy-MM-dd'T'HH:mm:sszzz", CultureInfo.InvariantCulture));
        json.WriteString("cycle"u8, _figure.Cycle.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture));
    }
}

/// <summary>What a card used in a cycle: <c>"used_bytes":12345</c>.</summary>
internal sealed class PreviousCycleTask(UsageProfiles usage, DateOnly cycle) : ICarrierTask
{
    public string Name => "previous-cycle";

    public CardAnswer Answer(CardId card) =>
        usage.PastCycle(card, cycle) is { } bytes ? new(card, CardOutcome.Usage, bytes) : CardAnswer.Refused(card, CarrierStatus.Parameters);

    public void Write(Utf8JsonWriter json, in CardAnswer answer) => json.WriteNumber("used_bytes"u8, answer.Value);
}
