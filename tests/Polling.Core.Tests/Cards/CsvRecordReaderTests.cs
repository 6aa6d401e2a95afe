using System.Text;
using Polling.Core.Cards.Import;

namespace Polling.Core.Tests.Cards;

public sealed class CsvRecordReaderTests
{
    [Theory]
    [InlineData("a,b\n1,2\n", "1:a|b 2:1|2")]
    [InlineData("a,b\r\n1,2", "1:a|b 2:1|2")]
    [InlineData("a,b\r", "1:a|b")]
    [InlineData("\n\r\na,,\n\n,b\n", "3:a|| 5:|b")]
    [InlineData("\"a,1\",\"say \"\"x\"\"\"\nc,\"\"\n", "1:a,1|say \"x\" 2:c|")]
    [InlineData("a,\"two\nlines\",c\nd,e,f", "1:a|two\nlines|c 3:d|e|f")]
    [InlineData("mid\"quote, b \n", "1:mid\"quote|b")]
    [InlineData("a,", "1:a|")]
    [InlineData("", "")]
    public async Task Reads_records_whatever_the_stream_hands_out(string csv, string expected)
    {
        foreach (var step in new[] { 1, 2, 3, 7, 4096 })
        {
            Assert.Equal(expected, await ReadAllAsync(Encoding.UTF8.GetBytes(csv), step));
        }
    }

    [Theory]
    [InlineData("a,\"open\nb,c\n", "1!a quoted field is not closed before the end of the file 2:b|c")]
    [InlineData("a,\"open\n\"b\",c\nd\n", "1!text follows a closing quote 2:b|c 3:d")]
    [InlineData("\"a\"x,1\nb\n", "1!text follows a closing quote 2:b")]
    public async Task Goes_on_with_the_line_after_a_broken_one(string csv, string expected)
    {
        foreach (var step in new[] { 1, 5, 4096 })
        {
            Assert.Equal(expected, await ReadAllAsync(Encoding.UTF8.GetBytes(csv), step));
        }
    }

    [Fact]
    public async Task Goes_on_after_an_open_quote_and_after_an_endless_line()
    {
        var rows = string.Concat(Enumerable.Range(2, 5000).Select(n => $"row,{n}\n"));
        var csv = $"a,\"open\n{rows}{new string('x', 300_000)}\nlast,1\n";

        var lines = (await ReadAllAsync(Encoding.UTF8.GetBytes(csv), 1000)).Split(' ');

        Assert.StartsWith("1!", lines[0], StringComparison.Ordinal);
        Assert.Contains("2:row|2", lines);
        Assert.Contains("5001:row|5001", lines);
        Assert.Contains("5002!longer", lines);
        Assert.Equal("5003:last|1", lines[^1]);
    }

    [Fact]
    public async Task Tells_text_from_bytes_that_are_none()
    {
        var reader = new CsvRecordReader(new MemoryStream([.. "ok,"u8, 0xC3, 0x28, .. ",nul"u8, 0, .. ",好"u8]));
        var record = (await reader.ReadAsync(TestContext.Current.CancellationToken))!;

        Assert.Equal([true, false, false, true], Enumerable.Range(0, record.Count).Select(record.IsText));
        Assert.Equal("好", record.Text(3));
    }

    private static async Task<string> ReadAllAsync(byte[] bytes, int step)
    {
        var reader = new CsvRecordReader(new SteppingStream(bytes, step));
        var seen = new List<string>();
        while (await reader.ReadAsync(TestContext.Current.CancellationToken) is { } record)
        {
            seen.Add(record.Fault is { } fault
                ? $"{record.Line}!{fault}"
                : $"{record.Line}:{string.Join('|', Enumerable.Range(0, record.Count).Select(record.Text))}");
        }

        return string.Join(' ', seen);
    }

    /// <summary>Hands out a few bytes at a time, as a network does.</summary>
    private sealed class SteppingStream(byte[] bytes, int step) : MemoryStream(bytes)
    {
        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            base.ReadAsync(buffer[..Math.Min(step, buffer.Length)], cancellationToken);
    }
}
