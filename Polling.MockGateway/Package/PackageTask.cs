using System.Globalization;
using System.Text.Json;
using Microsoft.Extensions.Options;
using Polling.MockGateway.Calls;
using Polling.MockGateway.Cards;
using Polling.MockGateway.Usage;

namespace Polling.MockGateway.Package;

/// <summary>A card's package: one of five sizes by the card's seed, good until its month ends, whatever of it is used.</summary>
internal sealed class PackageTask(UsageProfiles usage, IOptions<MockGatewayOptions> options) : ICarrierTask
{
    private static readonly (string Code, long AllowanceKb)[] Sizes =
        [("M30", 30 * 1024), ("M100", 100 * 1024), ("M500", 500 * 1024), ("G1", 1024 * 1024), ("G10", 10 * 1024 * 1024)];

    private readonly long _seed = options.Value.Seed;

    public string Name => "package";

    public CardAnswer Answer(CardId card) => new(card, CardOutcome.Usage, usage.UsedKb(card));

    public void Write(Utf8JsonWriter json, in CardAnswer answer)
    {
        var (code, allowanceKb) = Sizes[(int)(SeededDraw.Of(_seed, SeededDraw.Purpose.Package, answer.Card) * Sizes.Length)];
        json.WriteString("package_code"u8, code);
        json.WriteNumber("allowance_kb"u8, allowanceKb);
        json.WriteNumber("used_kb"u8, answer.UsedKb);
        json.WriteString("valid_until"u8, usage.MonthEnd.ToString("yyyy-MM-dd'T'HH:mm:sszzz", CultureInfo.InvariantCulture));
    }
}
