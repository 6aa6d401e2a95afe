namespace Polling.Core.Cards.Import;

/// <summary>A set of card ids, one bit each: ids are dense, so ten million take little more than a megabyte.</summary>
internal sealed class SeenCards
{
    private const int PageBits = 1 << 16;

    private readonly Dictionary<long, ulong[]> _pages = [];

    /// <summary>False when the id was there already.</summary>
    public bool Add(long id)
    {
        var (page, bit) = Math.DivRem(id, PageBits);
        if (!_pages.TryGetValue(page, out var words))
        {
            _pages.Add(page, words = new ulong[PageBits / 64]);
        }

        ref var word = ref words[bit / 64];
        var mask = 1UL << (int)(bit % 64);
        var isNew = (word & mask) == 0;
        word |= mask;
        return isNew;
    }
}
