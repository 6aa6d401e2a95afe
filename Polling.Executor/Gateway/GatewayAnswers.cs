using System.Text.Json.Serialization;

namespace Polling.Executor.Gateway;

/// <summary>A batch of cards, named as the carrier knows them.</summary>
internal sealed record GatewayRequest(IReadOnlyList<GatewayCard> Cards);

/// <summary>One card of a request.</summary>
internal sealed record GatewayCard(string Id);

/// <summary>The gateway's envelope: HTTP 200 with a status in the body, "0" = OK, as carriers do.</summary>
internal sealed record RealNameResponse(string? Status, string? Message, IReadOnlyList<RealNameAnswer>? Results);

/// <summary>One card of an answer.</summary>
internal sealed record RealNameAnswer(string? Id, string? Status, bool? RealName);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(GatewayRequest))]
[JsonSerializable(typeof(RealNameResponse))]
internal sealed partial class GatewayJson : JsonSerializerContext;
