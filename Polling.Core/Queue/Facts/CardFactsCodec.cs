using System.Buffers.Binary;
using System.Globalization;
using Polling.Core.Cards;

namespace Polling.Core.Queue.Facts;

/// <summary>Packs facts for the card cache: 22 bytes for a card with an iccid. The layout is told in <c>includes/card.lua</c>.</summary>
public static class CardFactsCodec
{
    private const int HeaderLength = 12;

    /// <summary>Packs; the flags (first byte) are 0, Redis keeps its own.</summary>
    /// <exception cref="ArgumentException">The number is not of hex digits, or a value is out of its range.</exception>
    public static byte[] Pack(CardFacts facts)
    {
        ArgumentNullException.ThrowIfNull(facts);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(facts.AccountId, 4095);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(facts.PackageId, 0xFF_FFFF);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(facts.Number.Length, byte.MaxValue);
        var packed = new byte[HeaderLength + (facts.Number.Length + 1) / 2];
        BinaryPrimitives.WriteUInt16BigEndian(packed.AsSpan(1), (ushort)facts.AccountId);
        packed[3] = (byte)((int)facts.Status << 4 | (int)facts.RealName);
        packed[4] = (byte)(facts.PackageId >> 16);
        BinaryPrimitives.WriteUInt16BigEndian(packed.AsSpan(5), (ushort)facts.PackageId);
        BinaryPrimitives.WriteUInt32BigEndian(packed.AsSpan(7), (uint)facts.Version);
        packed[11] = (byte)facts.Number.Length;
        for (var i = 0; i < facts.Number.Length; i++)
        {
            var digit = facts.Number[i];
            var value = char.IsAsciiHexDigit(digit)
                ? Convert.ToInt32(digit.ToString(), 16)
                : throw new ArgumentException($"The number '{facts.Number}' of card {facts.CardId} has the character '{digit}'; only 0-9 and A-F can be.");
            packed[HeaderLength + i / 2] |= (byte)(i % 2 == 0 ? value << 4 : value);
        }

        return packed;
    }

    /// <summary>The row version in packed facts.</summary>
    public static long VersionOf(ReadOnlySpan<byte> packed) => BinaryPrimitives.ReadUInt32BigEndian(packed[7..]);

    /// <summary>Unpacks.</summary>
    /// <exception cref="FormatException">The bytes are not facts.</exception>
    public static CardFacts Unpack(long cardId, ReadOnlySpan<byte> packed)
    {
        if (packed.Length < HeaderLength || packed.Length != HeaderLength + (packed[11] + 1) / 2)
        {
            throw new FormatException($"The cached facts of card {cardId} have {packed.Length.ToString(CultureInfo.InvariantCulture)} bytes, which no version of the system writes.");
        }

        var number = Convert.ToHexString(packed[HeaderLength..])[..packed[11]];
        return new CardFacts(
            cardId,
            BinaryPrimitives.ReadUInt16BigEndian(packed[1..]),
            (CardStatus)(packed[3] >> 4),
            (RealNameStatus)(packed[3] & 0xF),
            packed[4] << 16 | BinaryPrimitives.ReadUInt16BigEndian(packed[5..]),
            BinaryPrimitives.ReadUInt32BigEndian(packed[7..]),
            number);
    }
}
