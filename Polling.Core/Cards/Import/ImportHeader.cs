namespace Polling.Core.Cards.Import;

/// <summary>Which field of each record is which column, as the file's first line says.</summary>
internal sealed class ImportHeader
{
    /// <summary>The columns by the names they have in a file.</summary>
    public static readonly IReadOnlyDictionary<string, ImportColumns> Names =
        new Dictionary<string, ImportColumns>(StringComparer.OrdinalIgnoreCase)
        {
            ["iccid"] = ImportColumns.Iccid,
            ["msisdn"] = ImportColumns.Msisdn,
            ["imsi"] = ImportColumns.Imsi,
            ["carrier"] = ImportColumns.Carrier,
            ["account"] = ImportColumns.Account,
            ["status"] = ImportColumns.Status,
            ["real_name_status"] = ImportColumns.RealNameStatus,
            ["package_id"] = ImportColumns.PackageId,
            ["pool"] = ImportColumns.Pool,
        };

    private static readonly string[] Required = ["iccid", "carrier", "account"];

    private readonly List<string> _names = [];
    private readonly Dictionary<ImportColumns, int> _index = [];
    private readonly List<string> _ignored = [];

    private ImportHeader()
    {
    }

    public int Count => _names.Count;

    public ImportColumns Present { get; private set; }

    /// <summary>Names that mean nothing to an import, in the order of the file.</summary>
    public IReadOnlyList<string> Ignored => _ignored;

    /// <summary>The name of a field, for messages.</summary>
    public string Name(int index) => _names[index];

    /// <summary>The field that holds the column; -1 = the file has no such column.</summary>
    public int IndexOf(ImportColumns column) => _index.GetValueOrDefault(column, -1);

    /// <summary>Reads the header, and looks at the first bytes for the usual mistakes.</summary>
    /// <exception cref="ImportFormatException">The input is empty, is not text, or lacks a column.</exception>
    public static async Task<ImportHeader> ReadAsync(CsvRecordReader reader, CancellationToken cancellationToken)
    {
        var first = await reader.PeekAsync(4, cancellationToken);
        if (first.IsEmpty)
        {
            throw new ImportFormatException("the body is empty; a header row with the columns iccid, carrier and account is needed");
        }

        if (first.Span is [0xFF, 0xFE, ..] or [0xFE, 0xFF, ..])
        {
            throw new ImportFormatException("the file is in UTF-16; save it as CSV in UTF-8");
        }

        if (first.Span.StartsWith("PK\x03\x04"u8))
        {
            throw new ImportFormatException("the file is a ZIP archive or an Excel workbook; save it as CSV in UTF-8");
        }

        if (first.Span is [0x1F, 0x8B, ..])
        {
            throw new ImportFormatException("the file is compressed (gzip); send it unpacked");
        }

        if (first.Span.StartsWith("\uFEFF"u8))
        {
            reader.Skip(3);
        }

        var record = await reader.ReadAsync(cancellationToken)
            ?? throw new ImportFormatException("the file has no rows; a header row with the columns iccid, carrier and account is needed");
        return Of(record);
    }

    private static ImportHeader Of(CsvRecord record)
    {
        if (record.Fault is not null)
        {
            throw new ImportFormatException($"line {record.Line}, the header row: {record.Fault}");
        }

        var header = new ImportHeader();
        for (var i = 0; i < record.Count; i++)
        {
            if (!record.IsText(i))
            {
                throw new ImportFormatException($"line {record.Line}, the header row, is not text in UTF-8; is this a CSV file?");
            }

            header.Add(record.Text(i), i);
        }

        var missing = Required.Where(name => !header.Present.HasFlag(Names[name])).ToList();
        if (missing.Count > 0)
        {
            var found = Excerpt.Of(string.Join(",", header._names));
            var hint = record.Count == 1 && found.AsSpan().ContainsAny(';', '\t') ? "; columns must be separated by commas" : "";
            throw new ImportFormatException(
                $"the header row lacks {string.Join(" and ", missing)} (it reads \"{found}\"){hint}; "
                + $"columns are {string.Join(", ", Names.Keys)}; {string.Join(", ", Required)} are required");
        }

        return header;
    }

    private void Add(string name, int index)
    {
        _names.Add(name);
        if (!Names.TryGetValue(name, out var column))
        {
            _ignored.Add(Excerpt.Of(name));
        }
        else if (!_index.TryAdd(column, index))
        {
            throw new ImportFormatException($"the header row names the column \"{name}\" twice");
        }

        Present |= column;
    }
}
