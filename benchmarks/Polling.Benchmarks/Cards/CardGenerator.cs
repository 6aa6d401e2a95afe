using System.Globalization;
using Polling.Core.Cards;

namespace Polling.Benchmarks.Cards;

/// <summary>A made-up card.</summary>
/// <param name="Iccid">19 or 20 digits, the last the right check digit.</param>
/// <param name="Msisdn">13 digits.</param>
/// <param name="Imsi">15 digits.</param>
/// <param name="Account">Index in the spread.</param>
/// <param name="Status">Status.</param>
/// <param name="RealName">Whether it is real-named.</param>
/// <param name="Package">Index in <see cref="LoadFleet.Packages"/>; null = none.</param>
internal readonly record struct GeneratedCard(string Iccid, string Msisdn, string Imsi, int Account, CardStatus Status, RealNameStatus RealName, int? Package);

/// <summary>Makes cards, one after the other, the same ones of the same spread, seed and first number.</summary>
/// <remarks>Cards come in lots with numbers in a row, as they are delivered; the lots of all accounts are shuffled, so that any stretch of ids has cards of all.</remarks>
internal sealed class CardGenerator(CardSpread spread, long seed, long firstNumber)
{
    /// <summary>Behind the issuer's digits: so the demo's cards, whose numbers begin with 0, are never met.</summary>
    public const char Series = '9';

    private const int LotCards = 500;
    private readonly SeededHash _hash = new(seed);

    /// <summary>The cards.</summary>
    public IEnumerable<GeneratedCard> Generate()
    {
        var number = firstNumber;
        foreach (var (account, cards) in Lots())
        {
            for (var i = 0; i < cards; i++, number++)
            {
                yield return Card(number, account);
            }
        }
    }

    private (int Account, int Cards)[] Lots()
    {
        var lots = spread.Accounts.SelectMany((account, index) => Enumerable.Range(0, (int)((account.Cards + LotCards - 1) / LotCards))
            .Select(lot => (index, (int)Math.Min(LotCards, account.Cards - (long)lot * LotCards)))).ToArray();
        for (var i = lots.Length - 1; i > 0; i--)
        {
            var other = _hash.Draw(firstNumber + i, SeededHash.Purpose.Lot, i + 1);
            (lots[i], lots[other]) = (lots[other], lots[i]);
        }

        return lots;
    }

    private GeneratedCard Card(long number, int account)
    {
        var carrier = spread.Accounts[account].Carrier;
        var serial = number.ToString("D" + (carrier.IccidLength - carrier.IccidPrefix.Length - 2), CultureInfo.InvariantCulture);
        var payload = carrier.IccidPrefix + Series + serial;
        var status = Status(_hash.Draw(number, SeededHash.Purpose.Status));
        var realNamed = status != CardStatus.Inventory && _hash.Draw(number, SeededHash.Purpose.RealName) >= LoadFleet.NotRealNamedShare;
        return new GeneratedCard(
            payload + Luhn.CheckDigit(payload),
            carrier.MsisdnPrefix + number.ToString("D9", CultureInfo.InvariantCulture),
            carrier.ImsiPrefix + number.ToString("D10", CultureInfo.InvariantCulture),
            account, status, realNamed ? RealNameStatus.RealNamed : RealNameStatus.NotRealNamed,
            Package(_hash.Draw(number, SeededHash.Purpose.Package)));
    }

    private static CardStatus Status(double draw)
    {
        foreach (var (status, share) in LoadFleet.Statuses)
        {
            if ((draw -= share) < 0)
            {
                return status;
            }
        }

        return CardStatus.Active;
    }

    private static int? Package(double draw)
    {
        for (var i = 0; i < LoadFleet.Packages.Count; i++)
        {
            if ((draw -= LoadFleet.Packages[i].Share) < 0)
            {
                return i;
            }
        }

        return null;
    }
}
