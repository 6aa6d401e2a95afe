using System.Text.Json;
using Polling.MockGateway.Calls;
using Polling.MockGateway.Cards;
using Polling.MockGateway.Usage;

namespace Polling.MockGateway.CardData;

/// <summary>What a card has used since its month began: <c>"used_kb":12345</c>.</summary>
internal sealed class CardDataTask(UsageProfiles usage) : ICarrierTask
{
    public string Name => "carddata";

    public CardAnswer Answer(CardId card) => new(card, CardOutcome.Usage, usage.UsedKb(card));

    public void Write(Utf8JsonWriter json, in CardAnswer answer) => json.WriteNumber("used_kb"u8, answer.UsedKb);
}
