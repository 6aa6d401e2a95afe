using System.Text.Json.Serialization;
using Polling.Executor.CardData;
using Polling.Executor.Package;
using Polling.Executor.RealName;

namespace Polling.Executor.Gateway;

/// <summary>A batch of cards, named as the carrier knows them.</summary>
internal sealed record GatewayRequest(IReadOnlyList<GatewayCard> Cards);

/// <summary>One card of a request.</summary>
internal sealed record GatewayCard(string Id);

/// <summary>The gateway's envelope: HTTP 200 with a status in the body, "0" = OK, as carriers do.</summary>
internal sealed record GatewayResponse<TAnswer>(string? Status, string? Message, IReadOnlyList<TAnswer?>? Results)
    where TAnswer : class, IGatewayAnswer;

/// <summary>One card of an answer: besides what was asked for, its number and a status of its own.</summary>
internal interface IGatewayAnswer
{
    string? Id { get; }

    string? Status { get; }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(GatewayRequest))]
[JsonSerializable(typeof(GatewayResponse<RealNameAnswer>))]
[JsonSerializable(typeof(GatewayResponse<CardDataAnswer>))]
[JsonSerializable(typeof(GatewayResponse<PackageAnswer>))]
internal sealed partial class GatewayJson : JsonSerializerContext;
