namespace Polling.Core.Cards.Import;

/// <summary>Rows on their way to the store, each card once, and the count of what became of those before.</summary>
internal sealed class Chunk(ImportColumns columns, CardImportReport report)
{
    private readonly List<ImportRow> _rows = new(CardImporter.ChunkRows);
    private readonly Dictionary<Iccid, int> _index = new(CardImporter.ChunkRows);
    private readonly SeenCards _seen = new();

    public ImportColumns Columns => columns;

    public IReadOnlyList<ImportRow> Rows => _rows;

    public void Add(ImportRow row)
    {
        if (row.Iccid.HasValidCheckDigit == false)
        {
            report.Warn(new RowNotice(row.Line, "iccid", row.Iccid.Value, "the last digit is not the right check digit (Luhn); taken all the same"));
        }

        if (_index.TryAdd(row.Iccid, _rows.Count))
        {
            _rows.Add(row);
            return;
        }

        _rows[_index[row.Iccid]] = row;
        Duplicate(row);
    }

    /// <summary>Counts what the store did, and empties the chunk.</summary>
    /// <returns>The ids of cards that are new or changed.</returns>
    public List<long> Settle(IReadOnlyList<SavedRow> saved)
    {
        var toPlace = new List<long>(saved.Count);
        foreach (var (index, cardId, change, keptRealName) in saved)
        {
            if (!_seen.Add(cardId))
            {
                Duplicate(_rows[index]);
            }
            else
            {
                report.Added += change == RowChange.Added ? 1 : 0;
                report.Changed += change == RowChange.Changed ? 1 : 0;
                report.Unchanged += change == RowChange.Unchanged ? 1 : 0;
            }

            if (change != RowChange.Unchanged)
            {
                toPlace.Add(cardId);
            }

            if (keptRealName)
            {
                var value = ((int)_rows[index].RealNameStatus!.Value).ToString(System.Globalization.CultureInfo.InvariantCulture);
                report.Warn(new RowNotice(_rows[index].Line, "real_name_status", value, "a poll has found the opposite, which is kept"));
            }
        }

        _rows.Clear();
        _index.Clear();
        return toPlace;
    }

    private void Duplicate(ImportRow row)
    {
        report.Duplicates++;
        report.Warn(new RowNotice(row.Line, "iccid", row.Iccid.Value, "stands in an earlier row too; this one's values hold"));
    }
}
