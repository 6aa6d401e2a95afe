using System.Globalization;
using System.Text.Json;
using Polling.MockGateway.Calls;
using Polling.MockGateway.Cards;
using Polling.MockGateway.Dialects.Plain;
using Polling.MockGateway.Usage;

namespace Polling.MockGateway.Package;

/// <summary>A card's package, and what it has used.</summary>
internal sealed class PackageTask(CardPackages packages, UsageProfiles usage) : ICarrierTask
{
    public string Name => "package";

    public CardAnswer Answer(CardId card) => new(card, CardOutcome.Usage, usage.Read(card).Bytes);

    public void Write(Utf8JsonWriter json, in CardAnswer answer)
    {
        var (code, allowanceBytes) = packages.Of(answer.Card);
        json.WriteString("package_code"u8, code);
        json.WriteNumber("allowance_bytes"u8, allowanceBytes);
        json.WriteNumber("used_bytes"u8, answer.Value);
        json.WriteString("valid_until"u8, usage.CycleEnd().ToString("yyyy-MM-dd'T'HH:mm:sszzz", CultureInfo.InvariantCulture));
    }
}
