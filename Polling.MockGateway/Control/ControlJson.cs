using System.Text.Json.Serialization;

namespace Polling.MockGateway.Control;

/// <summary>JSON names that the naming policy would not get right.</summary>
internal static class BehaviourJson
{
    public const string Http500 = "http_500";
    public const string Http429 = "http_429";
}

/// <summary>A card as its carrier knows it.</summary>
internal sealed record CardView(string Iccid, bool RealName, string? Account, string State, string? StoppedBy);

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow)]
[JsonSerializable(typeof(Behaviour))]
[JsonSerializable(typeof(BehaviourPatch))]
[JsonSerializable(typeof(CardPatch))]
[JsonSerializable(typeof(CardView))]
internal sealed partial class ControlJson : JsonSerializerContext;
