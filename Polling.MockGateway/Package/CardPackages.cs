using Microsoft.Extensions.Options;
using Polling.MockGateway.Cards;

namespace Polling.MockGateway.Package;

/// <summary>A card's package: one of five sizes by the card's seed, good until its cycle ends, whatever of it is used.</summary>
internal sealed class CardPackages(IOptions<MockGatewayOptions> options)
{
    private const long Megabyte = 1024 * 1024;

    private static readonly (string Code, long AllowanceBytes)[] Sizes =
        [("M30", 30 * Megabyte), ("M100", 100 * Megabyte), ("M500", 500 * Megabyte), ("G1", 1024 * Megabyte), ("G10", 10 * 1024 * Megabyte)];

    private readonly long _seed = options.Value.Seed;

    public (string Code, long AllowanceBytes) Of(CardId card) => Sizes[(int)(SeededDraw.Of(_seed, SeededDraw.Purpose.Package, card) * Sizes.Length)];
}
