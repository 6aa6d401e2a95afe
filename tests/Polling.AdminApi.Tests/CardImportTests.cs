using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.RegularExpressions;

namespace Polling.AdminApi.Tests;

public sealed partial class CardImportTests(ApiProcess api)
{
    [Fact]
    public async Task Two_hundred_thousand_rows_with_five_bad_ones_in_little_memory()
    {
        const int Rows = 200_000;
        var bad = new Dictionary<int, byte[]>
        {
            [10] = "12345,CMCC,CMCC-demo"u8.ToArray(),
            [50_000] = [.. "8986"u8, 0xFF, .. "00000000000000,CMCC,CMCC-demo"u8],
            [100_000] = "\"8986049999999999999,CMCC,CMCC-demo"u8.ToArray(),
            [150_000] = "8986049999999999998,CMCC,nobody"u8.ToArray(),
            [199_999] = "8986049999999999997,CMCC"u8.ToArray(),
        };

        // A small one first, so that code and connections are there.
        await api.ImportAsync(new CsvContent(100, []));
        var before = api.WorkingSet;
        var (status, body) = await api.ImportAsync(new CsvContent(Rows, bad));
        var growth = api.WorkingSet - before;

        Assert.Equal(200, status);
        Assert.Equal(Rows, body.GetProperty("rows").GetInt64());
        Assert.Equal(5, body.GetProperty("refused").GetInt64());
        Assert.Equal(
            Rows - 5,
            body.GetProperty("added").GetInt64() + body.GetProperty("unchanged").GetInt64());
        Assert.Equal(
            [
                "12 iccid must be 19 or 20 characters, each 0-9 or A-F",
                "50002 iccid is not valid UTF-8",
                "100002  longer than 16384 bytes, or a quoted field is not closed",
                "150002 account the carrier has no account of this code; there is CMCC-demo",
                "200001  has 2 fields, but the header row has 3",
            ],
            body.GetProperty("errors").EnumerateArray().Select(
                error => $"{error.GetProperty("line")} {error.GetProperty("column")} {error.GetProperty("reason")}"));
        Assert.True(growth < 100 * 1024 * 1024, $"memory grew by {growth / 1024 / 1024} MB");
    }

    [Fact]
    public async Task A_file_in_a_form_is_taken_too()
    {
        using var form = new MultipartFormDataContent
        {
            { new StringContent("ignored"), "note" },
            { new ByteArrayContent(Encoding.UTF8.GetBytes("\uFEFFiccid,carrier,account\r\n89860499000000000008,CUCC,CUCC-demo\r\n")), "file", "cards.csv" },
        };

        var (status, body) = await api.ImportAsync(form);

        Assert.Equal(200, status);
        Assert.Equal(1, body.GetProperty("rows").GetInt64());
        Assert.Equal(0, body.GetProperty("refused").GetInt64());
    }

    [Fact]
    public async Task The_sample_of_the_documentation_is_right()
    {
        var file = Path.Combine(AppContext.BaseDirectory, "cards.csv");
        using var content = new ByteArrayContent(await File.ReadAllBytesAsync(file, TestContext.Current.CancellationToken));
        content.Headers.ContentType = new MediaTypeHeaderValue("text/csv");

        var (status, body) = await api.ImportAsync(content);

        Assert.Equal(200, status);
        Assert.Equal((8, 0, 0), (Number("rows"), Number("refused"), Number("warning_count")));
        Assert.Equal("remark", body.GetProperty("ignored_columns").EnumerateArray().Single().GetString());

        long Number(string name) => body.GetProperty(name).GetInt64();
    }

    [Fact]
    public async Task A_client_that_goes_away_leaves_the_committed_chunks_and_a_healthy_service()
    {
        var before = await api.CountCardsAsync();
        using var gone = new CancellationTokenSource();
        using var content = new UnfinishedContent(gone.Token);
        var posting = api.Client.PostAsync(new Uri("/api/admin/cards/import", UriKind.Relative), content, gone.Token);

        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
        while (await api.CountCardsAsync() < before + 5000)
        {
            await timer.WaitForNextTickAsync(patience.Token);
        }

        await gone.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => posting);

        // How many of the rows behind the committed chunk had been read when the client went is chance.
        while (!BrokenOff().IsMatch(await api.LogAsync("api.log")))
        {
            await timer.WaitForNextTickAsync(patience.Token);
        }

        Assert.Equal(200, (await api.GetAsync("/health")).Status);
    }

    [GeneratedRegex(@"A card import broke off after [56]\d{3} rows; the 5000 cards")]
    private static partial Regex BrokenOff();

    public static TheoryData<byte[], string, string> Wrong => new()
    {
        { [], "text/csv", "the body is empty" },
        { "\r\n\n"u8.ToArray(), "text/csv", "the file has no rows" },
        { "iccid,carrier\n1,2\n"u8.ToArray(), "text/csv", "lacks account" },
        { "iccid;carrier;account\n1;2;3\n"u8.ToArray(), "text/csv", "columns must be separated by commas" },
        { "iccid,carrier,account,ICCID\n"u8.ToArray(), "text/csv", "twice" },
        { [0x7F, 0x45, 0x4C, 0x46, 2, 1, 1, 0, 0, 0xFF, 0xFE], "text/csv", "is not text in UTF-8" },
        { [0x50, 0x4B, 3, 4, 20, 0], "text/csv", "Excel" },
        { [0x1F, 0x8B, 8, 0], "text/csv", "gzip" },
        { [0xFF, 0xFE, 0x69, 0], "text/csv", "UTF-16" },
        { new byte[100_000], "text/csv", "the header row" },
        { "iccid,carrier,account\n"u8.ToArray(), "application/x-www-form-urlencoded", "-H 'Content-Type: text/csv'" },
        { "iccid,carrier,account\n"u8.ToArray(), "text/csv; charset=gbk", "must be in utf-8" },
        { "rubbish"u8.ToArray(), "multipart/form-data; boundary=x", "the form" },
        { "rubbish"u8.ToArray(), "multipart/form-data", "boundary" },
    };

    [Theory]
    [MemberData(nameof(Wrong))]
    public async Task What_is_no_card_file_gets_a_clear_400_and_writes_nothing(byte[] body, string type, string expected)
    {
        using var content = new ByteArrayContent(body);
        content.Headers.ContentType = MediaTypeHeaderValue.Parse(type);

        var (status, answer) = await api.ImportAsync(content);

        Assert.Equal(400, status);
        Assert.Contains(expected, answer.GetProperty("detail").GetString(), StringComparison.Ordinal);
        Assert.False(answer.TryGetProperty("done", out _));
    }

    /// <summary>Sends 6,000 good rows and then nothing, until it is broken off.</summary>
    private sealed class UnfinishedContent : HttpContent
    {
        private readonly CancellationToken _gone;

        public UnfinishedContent(CancellationToken gone)
        {
            _gone = gone;
            Headers.ContentType = new MediaTypeHeaderValue("text/csv");
        }

        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
        {
            var rows = Enumerable.Range(0, 6000).Select(row => $"898609{row:D13},CUCC,CUCC-demo\n");
            await stream.WriteAsync(Encoding.UTF8.GetBytes("iccid,carrier,account\n" + string.Concat(rows)), _gone);
            await stream.FlushAsync(_gone);
            await Task.Delay(Timeout.InfiniteTimeSpan, _gone);
        }

        protected override bool TryComputeLength(out long length)
        {
            length = 0;
            return false;
        }
    }

    /// <summary>A CSV that is made while it is sent, so that the test holds no file in memory either.</summary>
    private sealed class CsvContent : HttpContent
    {
        private readonly int _rows;
        private readonly Dictionary<int, byte[]> _special;

        public CsvContent(int rows, Dictionary<int, byte[]> special)
        {
            (_rows, _special) = (rows, special);
            Headers.ContentType = new MediaTypeHeaderValue("text/csv");
        }

        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
        {
            // Not disposed: that would close the connection's stream.
            var buffered = new BufferedStream(stream, 64 * 1024);
            await buffered.WriteAsync("iccid,carrier,account\n"u8.ToArray());
            for (var row = 0; row < _rows; row++)
            {
                await buffered.WriteAsync(
                    _special.TryGetValue(row, out var bytes) ? bytes : Encoding.UTF8.GetBytes($"898604{row:D13},CMCC,CMCC-demo"));
                buffered.WriteByte((byte)'\n');
            }

            await buffered.FlushAsync();
        }

        protected override bool TryComputeLength(out long length)
        {
            length = 0;
            return false;
        }
    }
}
