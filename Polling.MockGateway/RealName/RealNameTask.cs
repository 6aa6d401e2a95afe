using System.Text.Json;
using Polling.MockGateway.Calls;
using Polling.MockGateway.Cards;
using Polling.MockGateway.Dialects.Plain;

namespace Polling.MockGateway.RealName;

/// <summary>Whether a card is real-named: <c>"real_name":true</c>.</summary>
internal sealed class RealNameTask(CardRegistry registry) : ICarrierTask
{
    public string Name => "realname";

    public CardAnswer Answer(CardId card) => new(card, registry.IsRealNamed(card) ? CardOutcome.RealNamed : CardOutcome.NotRealNamed);

    public void Write(Utf8JsonWriter json, in CardAnswer answer) => json.WriteBoolean("real_name"u8, answer.Outcome == CardOutcome.RealNamed);
}
