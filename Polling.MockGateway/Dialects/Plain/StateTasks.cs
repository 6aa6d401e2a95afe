using System.Text.Json;
using Polling.MockGateway.Calls;
using Polling.MockGateway.Cards;

namespace Polling.MockGateway.Dialects.Plain;

/// <summary>Whether a card is stopped, and by whom: <c>"state":"stopped","stopped_by":"carrier"</c>.</summary>
internal sealed class StateTask(CardStates states) : ICarrierTask
{
    public string Name => TaskNames.State;

    public CardAnswer Answer(CardId card) => new(card, CardOutcome.Told);

    public void Write(Utf8JsonWriter json, in CardAnswer answer)
    {
        var (state, stoppedBy) = states.Of(answer.Card);
        json.WriteString("state"u8, CardStateNames.Of(state));
        json.WriteString("stopped_by"u8, stoppedBy);
    }
}

/// <summary>Stops or resumes a card; its status says whether it was done.</summary>
internal sealed class ChangeTask(CardStates states, ChangeRequest request) : ICarrierTask
{
    public string Name => request.IsStop ? TaskNames.Suspend : TaskNames.Resume;

    public CardAnswer Answer(CardId card) =>
        states.Change(card, request) is var code && code == CarrierStatus.Ok ? new(card, CardOutcome.Told) : CardAnswer.Refused(card, code);

    public void Write(Utf8JsonWriter json, in CardAnswer answer)
    {
    }
}
