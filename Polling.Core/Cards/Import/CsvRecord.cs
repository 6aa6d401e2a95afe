using System.Text;
using System.Text.Unicode;

namespace Polling.Core.Cards.Import;

/// <summary>One record of a CSV file, or what is wrong with it. Valid until the reader's next read: it lies in the reader's buffer.</summary>
internal sealed class CsvRecord
{
    private readonly List<(int Start, int Length, bool Quoted)> _fields = [];
    private ReadOnlyMemory<byte> _bytes;

    /// <summary>The record's first line in the file, from 1.</summary>
    public long Line { get; private set; }

    /// <summary>Why the record cannot be told apart from its neighbours, or null. It has no fields then.</summary>
    public string? Fault { get; private set; }

    public int Count => _fields.Count;

    /// <summary>Whether nothing stands between the commas.</summary>
    public bool IsBlank => Fault is null && _fields.TrueForAll(part => part.Length == 0);

    /// <summary>The record's bytes, for messages about a faulty one.</summary>
    public ReadOnlySpan<byte> Raw => _bytes.Span;

    public void Begin(long line)
    {
        Line = line;
        Fault = null;
        _fields.Clear();
    }

    public void Add(int start, int length, bool quoted) => _fields.Add((start, length, quoted));

    public void End(ReadOnlyMemory<byte> bytes) => _bytes = bytes;

    public void Fail(string fault, ReadOnlyMemory<byte> bytes)
    {
        Fault = fault;
        _bytes = bytes;
        _fields.Clear();
    }

    /// <summary>The field's bytes as they stand in the file, without the outer quotes.</summary>
    public ReadOnlySpan<byte> Bytes(int index) => _bytes.Span.Slice(_fields[index].Start, _fields[index].Length);

    /// <summary>Whether the field is text: valid UTF-8 without NUL bytes, which PostgreSQL cannot keep.</summary>
    public bool IsText(int index) => Bytes(index) is var bytes && Utf8.IsValid(bytes) && !bytes.Contains((byte)0);

    /// <summary>The field's text, doubled quotes made single, without blanks around it.</summary>
    public string Text(int index)
    {
        var text = Encoding.UTF8.GetString(Bytes(index));
        return (_fields[index].Quoted ? text.Replace("\"\"", "\"", StringComparison.Ordinal) : text).Trim();
    }
}
