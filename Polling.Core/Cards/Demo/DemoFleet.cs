using System.Globalization;
using Polling.Core.Carriers;

namespace Polling.Core.Cards.Demo;

/// <summary>Made-up carriers and cards for development: the same ones each time.</summary>
/// <remarks>
/// The accounts show what cards per call mean: at 20 calls a second each, one asks 20 cards a second, the next 200, the last 2,000. The cards
/// are shared out 1 : 3 : 6, so that the first 1,000 are all asked within the first minute.
/// </remarks>
public static class DemoFleet
{
    /// <summary>Code, name, issuer prefix of ICCIDs, network prefix of IMSIs, cards per call of the carrier's account.</summary>
    public static IReadOnlyList<DemoCarrier> Carriers { get; } =
    [
        new("CMCC", "中国移动", "898600", "46000", 1),
        new("CUCC", "中国联通", "898601", "46001", 10),
        new("CTCC", "中国电信", "898603", "46003", 100),
    ];

    /// <summary>The account of a demo carrier.</summary>
    public static CarrierAccount Account(DemoCarrier carrier, int carrierId, DateTimeOffset now) => new()
    {
        CarrierId = carrierId,
        Code = carrier.AccountCode,
        Name = $"{carrier.Name} demo",
        CallsPerSecond = 20,
        CardsPerCall = carrier.CardsPerCall,
        MaxInFlight = 50,
        CreatedAt = now,
        UpdatedAt = now,
    };

    /// <summary>Which of <see cref="Carriers"/> the card belongs to.</summary>
    /// <param name="number">From 0.</param>
    public static int CarrierOf(int number) => (number % 10) switch
    {
        0 => 0,
        < 4 => 1,
        _ => 2,
    };

    /// <summary>The ICCID of a demo card: 20 digits, the last one the right check digit.</summary>
    public static string IccidOf(int number)
    {
        var payload = Carriers[CarrierOf(number)].IccidPrefix + number.ToString("D13", CultureInfo.InvariantCulture);
        return payload + Luhn.CheckDigit(payload);
    }

    /// <summary>13 digits, as the numbers of machines in China have.</summary>
    public static string MsisdnOf(int number) => "1064" + number.ToString("D9", CultureInfo.InvariantCulture);

    /// <summary>15 digits.</summary>
    public static string ImsiOf(int number) =>
        Carriers[CarrierOf(number)].ImsiPrefix + number.ToString("D10", CultureInfo.InvariantCulture);
}
