using System.Text.Json.Serialization;
using Polling.MockGateway.Cards;

namespace Polling.MockGateway.Control;

/// <summary>JSON names that the naming policy would not get right.</summary>
internal static class BehaviourJson
{
    public const string Http500 = "http_500";
    public const string Http429 = "http_429";
}

/// <summary>State of a card after it was forced.</summary>
internal sealed record CardState(string Iccid, bool RealName, string? Account);

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow)]
[JsonSerializable(typeof(Behaviour))]
[JsonSerializable(typeof(BehaviourPatch))]
[JsonSerializable(typeof(CardPatch))]
[JsonSerializable(typeof(CardState))]
[JsonSerializable(typeof(ForcedCard))]
internal sealed partial class ControlJson : JsonSerializerContext;
