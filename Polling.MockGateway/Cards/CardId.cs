namespace Polling.MockGateway.Cards;

/// <summary>
/// A card's id (its iccid) packed into 16 bytes, so that millions of them in the ledger cost no objects: up to 20 letters, digits,
/// '-' or '_', six bits each, and the length.
/// </summary>
internal readonly record struct CardId(ulong High, ulong Low) : IComparable<CardId>
{
    public const int MaxLength = 20;
    public const string Rule = "1 to 20 letters, digits, '-' or '_'";

    private const string Alphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz-_";
    private static readonly sbyte[] Codes = MakeCodes();

    public int Length => (int)(High >> 56);

    /// <summary>Whether it looks like an iccid: 19 or 20 characters of 0–9 and A–F.</summary>
    public bool IsIccid
    {
        get
        {
            Span<char> text = stackalloc char[MaxLength];
            var length = Write(text);
            return length >= 19 && text[..length].IndexOfAnyExcept("0123456789ABCDEF") < 0;
        }
    }

    public static bool TryParse(ReadOnlySpan<byte> utf8, out CardId id)
    {
        UInt128 bits = (UInt128)(uint)utf8.Length << 120;
        id = default;
        if (utf8.Length is 0 or > MaxLength)
        {
            return false;
        }

        for (var i = 0; i < utf8.Length; i++)
        {
            var code = utf8[i] < 128 ? Codes[utf8[i]] : (sbyte)-1;
            if (code < 0)
            {
                return false;
            }

            bits |= (UInt128)(byte)code << (6 * i);
        }

        id = new((ulong)(bits >> 64), (ulong)bits);
        return true;
    }

    public static bool TryParse(string text, out CardId id)
    {
        id = default;
        if (text.Length > MaxLength)
        {
            return false;
        }

        Span<byte> utf8 = stackalloc byte[MaxLength * 3];
        return TryParse(utf8[..System.Text.Encoding.UTF8.GetBytes(text, utf8)], out id);
    }

    /// <summary>Writes the text and returns its length; <paramref name="target"/> has room for 20 characters.</summary>
    public int Write(Span<char> target)
    {
        var bits = new UInt128(High, Low);
        var length = Length;
        for (var i = 0; i < length; i++)
        {
            target[i] = Alphabet[(int)(ulong)(bits >> (6 * i)) & 63];
        }

        return length;
    }

    public int CompareTo(CardId other) => High != other.High ? High.CompareTo(other.High) : Low.CompareTo(other.Low);

    public override string ToString()
    {
        Span<char> text = stackalloc char[MaxLength];
        return new string(text[..Write(text)]);
    }

    private static sbyte[] MakeCodes()
    {
        var codes = new sbyte[128];
        Array.Fill(codes, (sbyte)-1);
        for (var i = 0; i < Alphabet.Length; i++)
        {
            codes[Alphabet[i]] = (sbyte)i;
        }

        return codes;
    }
}
