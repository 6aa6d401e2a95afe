using Polling.Core.Cards;
using Polling.Core.Cards.Demo;

namespace Polling.Benchmarks.Cards;

/// <summary>A carrier of the made-up fleet.</summary>
/// <param name="Code">The demo carriers' codes are used again where they fit.</param>
/// <param name="Name">For people.</param>
/// <param name="Share">Of all cards, 0 to 1.</param>
/// <param name="IccidPrefix">Six digits of the issuer.</param>
/// <param name="IccidLength">19 or 20 digits.</param>
/// <param name="ImsiPrefix">Network.</param>
/// <param name="MsisdnPrefix">Of numbers of things.</param>
/// <param name="CardsPerCall">What one of its calls may name.</param>
internal sealed record LoadCarrier(
    string Code, string Name, double Share, string IccidPrefix, int IccidLength, string ImsiPrefix, string MsisdnPrefix, int CardsPerCall);

/// <summary>A package of the made-up fleet.</summary>
/// <param name="Code">Unique.</param>
/// <param name="AllowanceBytes">In a cycle; generous, so that few cards of the mock gateway (half of them use less than 100 MB a month) come to their limit.</param>
/// <param name="Share">Of all cards, 0 to 1; those that remain have none.</param>
internal sealed record LoadPackage(string Code, long AllowanceBytes, double Share);

/// <summary>What the made-up fleet is like. Shares of statuses and real names are of IoT fleets: nearly all in use, few still without a name.</summary>
internal static class LoadFleet
{
    public const long CardsMax = 10_000_000;

    /// <summary>Of cards in use, those not yet real-named; of cards in stock it is all.</summary>
    public const double NotRealNamedShare = 0.04;

    /// <summary>Of all cards, those in use.</summary>
    public const double InUseShare = 0.92;

    private const int CardsAnAccount = 25_000;
    private const int AccountsMax = 400;
    private const long Gibibyte = 1L << 30;

    public static IReadOnlyList<LoadCarrier> Carriers { get; } =
    [
        new("CMCC", DemoFleet.Carriers[0].Name, 0.60, "898600", 20, "46004", "1440", 100),
        new("CTCC", DemoFleet.Carriers[2].Name, 0.22, "898603", 19, "46011", "1410", 100),
        new("CUCC", DemoFleet.Carriers[1].Name, 0.18, "898601", 20, "46006", "1400", 50),
    ];

    public static IReadOnlyList<LoadPackage> Packages { get; } =
        [new("LOAD-3G", 3 * Gibibyte, 0.30), new("LOAD-10G", 10 * Gibibyte, 0.50), new("LOAD-30G", 30 * Gibibyte, 0.12)];

    /// <summary>Shares of card statuses.</summary>
    public static IReadOnlyList<(CardStatus Status, double Share)> Statuses { get; } =
        [(CardStatus.Active, InUseShare), (CardStatus.Inventory, 0.05), (CardStatus.Suspended, 0.02), (CardStatus.Terminated, 0.01)];

    /// <summary>How many accounts so many cards have.</summary>
    public static int AccountsOf(long cards) => (int)Math.Clamp(cards / CardsAnAccount, Carriers.Count, AccountsMax);

    /// <summary>Code of an account: by it the kit knows its own ones again.</summary>
    /// <param name="carrier">Its carrier.</param>
    /// <param name="rank">From 1, the largest first.</param>
    public static string AccountCode(LoadCarrier carrier, int rank) => $"{carrier.Code}-LOAD-{rank:D3}";

    /// <summary>Whether an account is one of the kit's.</summary>
    public static bool IsLoadAccount(string code) => Carriers.Any(carrier => code.StartsWith($"{carrier.Code}-LOAD-", StringComparison.Ordinal));
}
