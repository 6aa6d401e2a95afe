using System.Buffers.Binary;

namespace Polling.Core.Queue.Facts;

/// <summary>The first 7 bytes of packed facts: flags, account, status, real-name status and package. Cards with the same are polled alike.</summary>
public readonly record struct CardHead
{
    private const int Length = 7;
    private const ulong WithoutFlags = (1UL << 48) - 1;
    private readonly ulong _value;

    private CardHead(ulong value) => _value = value;

    /// <summary>Whether there is none: the cache does not know the card.</summary>
    public bool IsEmpty => _value == 0;

    /// <summary>The same without its flags.</summary>
    public CardHead ToProfile() => new(_value & WithoutFlags);

    /// <summary>Of packed facts.</summary>
    public static CardHead Of(ReadOnlySpan<byte> facts)
    {
        Span<byte> bytes = stackalloc byte[sizeof(ulong)];
        facts[..Length].CopyTo(bytes[1..]);
        return new CardHead(BinaryPrimitives.ReadUInt64BigEndian(bytes));
    }

    /// <summary>Of the bytes behind the flags.</summary>
    public static CardHead OfProfile(ReadOnlySpan<byte> profile)
    {
        Span<byte> bytes = stackalloc byte[sizeof(ulong)];
        profile[..(Length - 1)].CopyTo(bytes[2..]);
        return new CardHead(BinaryPrimitives.ReadUInt64BigEndian(bytes));
    }

    /// <summary>As the scripts take it.</summary>
    public byte[] ToArray()
    {
        var bytes = new byte[sizeof(ulong)];
        BinaryPrimitives.WriteUInt64BigEndian(bytes, _value);
        return bytes[1..];
    }
}
