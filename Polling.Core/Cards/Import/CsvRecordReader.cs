namespace Polling.Core.Cards.Import;

/// <summary>
/// Reads the records of a CSV file (RFC 4180: commas, quoted fields, doubled quotes, LF or CRLF) from a stream of any length, in
/// constant memory.
/// </summary>
/// <remarks>
/// Why not a library: an import must go on after a broken row and name its line. Libraries give up at a stray quote, or take
/// the rows behind it for one long field. Here a record that ends in no way it should, or is longer than
/// <see cref="RecordBytesMax"/>, is faulty in its first line only, and reading goes on with the line after that.
/// </remarks>
internal sealed class CsvRecordReader(Stream input)
{
    /// <summary>The longest record, in bytes; a row of cards has about 100.</summary>
    public const int RecordBytesMax = 16 * 1024;

    private readonly byte[] _buffer = new byte[4 * RecordBytesMax];
    private readonly CsvRecord _record = new();
    private int _start;
    private int _end;
    private bool _final;
    private long _line = 1;

    private enum Step
    {
        NeedsMore,
        Done,
    }

    /// <summary>The bytes that come next, at least <paramref name="count"/> of them unless the file is shorter; nothing is consumed.</summary>
    public async ValueTask<ReadOnlyMemory<byte>> PeekAsync(int count, CancellationToken cancellationToken)
    {
        while (_end - _start < count && !_final)
        {
            await FillAsync(cancellationToken);
        }

        return _buffer.AsMemory(_start, Math.Min(count, _end - _start));
    }

    /// <summary>Passes over bytes that <see cref="PeekAsync"/> has shown, such as a byte order mark.</summary>
    public void Skip(int count) => _start += count;

    /// <summary>The next record, empty lines passed over; null at the end. The same object each time.</summary>
    /// <exception cref="IOException">The stream broke off.</exception>
    public async ValueTask<CsvRecord?> ReadAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            SkipEmptyLines();
            if (_start == _end && _final)
            {
                return null;
            }

            if (_start < _end && Parse() == Step.Done)
            {
                return _record;
            }

            if (_end - _start < RecordBytesMax && !_final)
            {
                await FillAsync(cancellationToken);
                continue;
            }

            // Neither a record nor the hope of one: only the first line is at fault.
            var fault = _final
                ? "a quoted field is not closed before the end of the file"
                : $"longer than {RecordBytesMax} bytes, or a quoted field is not closed";
            if (FailFirstLine(fault))
            {
                return _record;
            }

            await DropLineAsync(cancellationToken);
            return _record;
        }
    }

    private Step Parse()
    {
        var bytes = _buffer.AsSpan(_start, Math.Min(_end - _start, RecordBytesMax));
        _record.Begin(_line);
        var at = 0;
        var lines = 0;
        while (true)
        {
            int end;
            if (at < bytes.Length && bytes[at] == '"')
            {
                var close = ClosingQuote(bytes, at + 1);
                if (close < 0)
                {
                    return Step.NeedsMore;
                }

                _record.Add(at + 1, close - at - 1, quoted: true);
                lines += bytes[at..close].Count((byte)'\n');
                end = close + 1;
            }
            else
            {
                var length = bytes[at..].IndexOfAny((byte)',', (byte)'\n');
                end = length < 0 ? bytes.Length : at + length;
                var isLineEnd = end < bytes.Length ? bytes[end] == '\n' : IsWhole(bytes);
                _record.Add(at, end - at - (isLineEnd && end > at && bytes[end - 1] == '\r' ? 1 : 0), quoted: false);
            }

            if (end < bytes.Length && bytes[end] == ',')
            {
                at = end + 1;
                continue;
            }

            var rest = bytes[end..];
            var ending = rest.StartsWith("\n"u8) ? 1 : rest.StartsWith("\r\n"u8) ? 2 : 0;
            if (ending == 0 && !(IsWhole(bytes) && (rest.IsEmpty || rest.SequenceEqual("\r"u8))))
            {
                // Text behind a closing quote is a fault, unless more bytes may show that it is a line end.
                if (rest.IsEmpty || rest.SequenceEqual("\r"u8))
                {
                    return Step.NeedsMore;
                }

                return FailFirstLine("text follows a closing quote") ? Step.Done : Step.NeedsMore;
            }

            _record.End(_buffer.AsMemory(_start, end));
            _start += ending == 0 ? bytes.Length : end + ending;
            _line += lines + 1;
            return Step.Done;
        }
    }

    // Whether the span reaches to the end of the file.
    private bool IsWhole(ReadOnlySpan<byte> bytes) => _final && bytes.Length == _end - _start;

    private static int ClosingQuote(ReadOnlySpan<byte> bytes, int from)
    {
        while (true)
        {
            var quote = bytes[from..].IndexOf((byte)'"');
            if (quote < 0)
            {
                return -1;
            }

            from += quote;
            if (from + 1 >= bytes.Length || bytes[from + 1] != '"')
            {
                return from;
            }

            from += 2;
        }
    }

    private bool FailFirstLine(string fault)
    {
        var length = _buffer.AsSpan(_start, _end - _start).IndexOf((byte)'\n');
        if (length < 0 && !_final)
        {
            _record.Begin(_line);
            _record.Fail(fault, _buffer.AsMemory(_start, _end - _start));
            return false;
        }

        var end = length < 0 ? _end : _start + length;
        _record.Begin(_line);
        _record.Fail(fault, _buffer.AsMemory(_start, end - _start));
        _start = length < 0 ? _end : end + 1;
        _line++;
        return true;
    }

    // A line longer than the buffer: its beginning is kept for the message, the rest is read over.
    private async ValueTask DropLineAsync(CancellationToken cancellationToken)
    {
        var fault = _record.Fault!;
        var beginning = _record.Raw[..Math.Min(_record.Raw.Length, 256)].ToArray();
        var line = _line;
        while (true)
        {
            var length = _buffer.AsSpan(_start, _end - _start).IndexOf((byte)'\n');
            if (length >= 0)
            {
                _start += length + 1;
                _line++;
                break;
            }

            _start = _end = 0;
            if (_final)
            {
                break;
            }

            await FillAsync(cancellationToken);
        }

        _record.Begin(line);
        _record.Fail(fault, beginning);
    }

    private void SkipEmptyLines()
    {
        while (_start < _end)
        {
            var bytes = _buffer.AsSpan(_start, _end - _start);
            var ending = bytes[0] == '\n' ? 1 : bytes.StartsWith("\r\n"u8) ? 2 : 0;
            if (ending == 0)
            {
                return;
            }

            _start += ending;
            _line++;
        }
    }

    private async ValueTask FillAsync(CancellationToken cancellationToken)
    {
        if (_start > 0)
        {
            _buffer.AsSpan(_start, _end - _start).CopyTo(_buffer);
            _end -= _start;
            _start = 0;
        }

        var read = await input.ReadAsync(_buffer.AsMemory(_end), cancellationToken);
        _end += read;
        _final = read == 0;
    }
}
