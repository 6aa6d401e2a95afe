using System.Text.Json;
using Polling.MockGateway.Calls;
using Polling.MockGateway.Cards;

namespace Polling.MockGateway.Dialects.Plain;

/// <summary>A thing that a plain carrier can be asked about a card: <c>POST /gateway/{account}/{name}</c>; one for each request.</summary>
internal interface ICarrierTask
{
    /// <summary>Its name, in the path and in the ledger.</summary>
    string Name { get; }

    /// <summary>The answer about a card of the caller's.</summary>
    CardAnswer Answer(CardId card);

    /// <summary>Writes the fields of that answer besides <c>id</c> and <c>status</c>.</summary>
    void Write(Utf8JsonWriter json, in CardAnswer answer);
}
