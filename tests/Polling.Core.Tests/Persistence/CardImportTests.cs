using System.Text;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging.Abstractions;
using Polling.Core.Cards;
using Polling.Core.Cards.Import;
using Polling.Core.Persistence.CardImport;

namespace Polling.Core.Tests.Persistence;

public sealed class CardImportTests(DatabaseFixture server)
{
    private const string First = "89860000000000000001";
    private const string Second = "89860000000000000019";
    private readonly RecordingPlacement _placement = new();

    [Fact]
    public async Task Tells_added_changed_unchanged_and_refused_apart_and_raises_the_version_of_changed_cards_only()
    {
        await using var database = await WithAccountsAsync();
        var one = await ImportAsync(database, $"iccid,msisdn,carrier,account\n{First},10648000001,A,A1\n{Second},10648000002,A,A1\n");
        Assert.Equal((2, 2, 0, 0, 0), Counts(one));
        Assert.Equal([1, 2], _placement.Ids);

        _placement.Ids.Clear();
        var two = await ImportAsync(
            database, $"\uFEFFICCID,msisdn,carrier,account,note\r\n{First},10648000001,A,A1,x\r\n\"{Second}\",+10648000009,B,B1,\"a \"\"b\"\", c\"\r\n1,,A,A1,\r\n");

        Assert.Equal((3, 0, 1, 1, 1), Counts(two));
        Assert.Equal([2], _placement.Ids);
        Assert.Equal(["note"], two.IgnoredColumns);
        Assert.Equal(new RowNotice(4, "ICCID", "1", "must be 19 or 20 characters, each 0-9 or A-F"), two.Errors.Single());
        await using var context = database.Context();
        var cards = await context.Cards.OrderBy(card => card.Id).ToListAsync(TestContext.Current.CancellationToken);
        Assert.Equal([1, 2], cards.Select(card => card.RowVersion));
        Assert.Equal(("10648000009", 2, 2), (cards[1].Msisdn, cards[1].CarrierId, cards[1].AccountId));
        Assert.All(cards, card => Assert.Equal((CardStatus.Active, RealNameStatus.NotRealNamed), (card.Status, card.RealNameStatus)));
    }

    [Fact]
    public async Task Importing_known_cards_uses_up_no_ids()
    {
        await using var database = await WithAccountsAsync();
        for (var i = 0; i < 3; i++)
        {
            await ImportAsync(database, $"iccid,carrier,account,status\n{First},A,A1,{i}\n");
        }

        await ImportAsync(database, $"iccid,carrier,account\n{Second},A,A1\n");

        Assert.Equal(2, await database.ScalarAsync<long>($"SELECT id FROM tb_card WHERE iccid = '{Second}'"));
    }

    [Fact]
    public async Task A_column_that_the_file_lacks_keeps_its_value_and_an_empty_one_clears_it()
    {
        await using var database = await WithAccountsAsync();
        await ImportAsync(database, $"iccid,msisdn,imsi,carrier,account,status,package_id\n{First},10648000001,460000000000001,A,A1,2,7\n");

        var same = await ImportAsync(database, $"iccid,carrier,account\n{First},A,A1\n");
        Assert.Equal(1, same.Unchanged);
        await ImportAsync(database, $"iccid,msisdn,carrier,account,status\n{First},,A,A1,\n");

        await using var context = database.Context();
        var card = await context.Cards.SingleAsync(TestContext.Current.CancellationToken);
        Assert.Equal((null, "460000000000001", CardStatus.Suspended, 7), (card.Msisdn, card.Imsi, card.Status, card.PackageId));
    }

    [Fact]
    public async Task A_pool_is_named_by_its_code_and_is_its_accounts()
    {
        await using var database = await WithAccountsAsync();
        await ImportAsync(database, $"iccid,carrier,account,pool\n{First},A,A1,PA\n");
        Assert.Equal(5, await database.ScalarAsync<int>("SELECT pool_id FROM tb_card"));
        Assert.Equal(1, (await ImportAsync(database, $"iccid,carrier,account\n{First},A,A1\n")).Unchanged);

        var report = await ImportAsync(database, $"iccid,carrier,account,pool\n{First},A,A1,PB\n");
        Assert.Equal(new RowNotice(2, "pool", "PB", "the account has no pool of this code; there is PA"), report.Errors.Single());

        // Whoever goes to another account leaves the pool.
        await ImportAsync(database, $"iccid,carrier,account\n{First},B,B1\n");
        Assert.Equal(1, await database.ScalarAsync<long>("SELECT count(*) FROM tb_card WHERE pool_id IS NULL"));
    }

    [Fact]
    public async Task Another_package_begins_a_new_episode_of_cards_that_were_suspended_in_theirs()
    {
        await using var database = await WithAccountsAsync();
        await ImportAsync(database, $"iccid,carrier,account,package_id\n{First},A,A1,3\n{Second},A,A1,3\n");
        await database.ExecuteAsync(
            """
            INSERT INTO tb_suspension (card_id, account_id, action, rule, cycle, episode, state, reason, requested_by, attempts)
            SELECT min(id), 1, 1, 1, '2026-11-01', 1, 10, 'x', 'x', 1 FROM tb_card
            """);
        await ImportAsync(database, $"iccid,carrier,account,package_id\n{First},A,A1,3\n{Second},A,A1,7\n");
        Assert.Equal(0, await database.ScalarAsync<long>("SELECT count(*) FROM tb_card_stop"));
        for (var i = 0; i < 2; i++)
        {
            await ImportAsync(database, $"iccid,carrier,account,package_id\n{First},A,A1,{(i == 0 ? 7 : 3)}\n{Second},A,A1,7\n");
            Assert.Equal((1, 2), (await database.ScalarAsync<long>("SELECT count(*) FROM tb_card_stop"), await database.ScalarAsync<int>("SELECT episode FROM tb_card_stop")));
        }
    }

    [Fact]
    public async Task What_a_poll_found_is_kept_against_the_file()
    {
        await using var database = await WithAccountsAsync();
        var csv = $"iccid,carrier,account,real_name_status\n{First},A,A1,0\n";
        await ImportAsync(database, csv);
        await database.ExecuteAsync("UPDATE tb_card SET real_name_status = 1, real_name_checked_at = now()");

        var report = await ImportAsync(database, csv);

        Assert.Equal(1, report.Unchanged);
        Assert.Equal(new RowNotice(2, "real_name_status", "0", "a poll has found the opposite, which is kept"), report.Warnings.Single());
        Assert.Equal((short)1, await database.ScalarAsync<short>("SELECT real_name_status FROM tb_card"));
    }

    [Fact]
    public async Task Of_rows_with_one_iccid_the_last_wins_within_a_chunk_and_across_chunks()
    {
        await using var database = await WithAccountsAsync();
        var csv = new StringBuilder("iccid,msisdn,carrier,account\n");
        csv.Append(Row(0, 1)).Append(Row(0, 2));
        for (var i = 1; i <= CardImporter.ChunkRows; i++)
        {
            csv.Append(Row(i, i));
        }

        csv.Append(Row(0, 3));
        var report = await ImportAsync(database, csv.ToString());

        Assert.Equal((CardImporter.ChunkRows + 3, CardImporter.ChunkRows + 1, 2), (report.Rows, report.Added, report.Duplicates));
        Assert.Equal([3, CardImporter.ChunkRows + 4], report.Warnings.Where(w => w.Reason.StartsWith("stands", StringComparison.Ordinal)).Select(w => w.Line));
        Assert.Equal("10648000003", await database.ScalarAsync<string>($"SELECT msisdn FROM tb_card WHERE iccid = '{Iccid(0)}'"));

        static string Row(int card, int msisdn) => $"{Iccid(card)},10648{msisdn:D6},A,A1\n";
        static string Iccid(int card) => $"8986{card:D15}" + Luhn.CheckDigit($"8986{card:D15}");
    }

    [Theory]
    [InlineData(First + ",10648000001,,X,A1,,,", "carrier", "X", "no carrier has this code; there is A, B")]
    [InlineData(First + ",10648000001,,A,B1,,,", "account", "B1", "the carrier has no account of this code; there is A1")]
    [InlineData(First + ",10648000001,,,A1,,,", "carrier", "", "is missing")]
    [InlineData(",10648000001,,A,A1,,,", "iccid", "", "is missing")]
    [InlineData(First + ",12-34,,A,A1,,,", "msisdn", "12-34", "must be 5 to 20 digits, optionally after +")]
    [InlineData(First + ",,123,A,A1,,,", "imsi", "123", "must be 14 or 15 digits")]
    [InlineData(First + ",,,A,A1,4,,", "status", "4", "must be 0 or inventory, 1 or active, 2 or suspended, 3 or terminated")]
    [InlineData(First + ",,,A,A1,,2,", "real_name_status", "2", "must be 0 (not real-named) or 1 (real-named)")]
    [InlineData(First + ",,,A,A1,,,-1", "package_id", "-1", "must be an integer from 1 to 2147483647")]
    [InlineData(First + ",,,A,A1,,,4", "package_id", "4", "no package has this id (GET /api/admin/packages)")]
    [InlineData(First + ",,,A,A1", null, First + ",,,A,A1", "has 5 fields, but the header row has 8")]
    [InlineData(First + ",\0,,A,A1,,,", "msisdn", "\uFFFD", "contains a NUL byte")]
    public async Task A_bad_row_is_refused_by_line_column_value_and_reason(string row, string? column, string value, string reason)
    {
        await using var database = await WithAccountsAsync();
        var report = await ImportAsync(
            database, $"iccid,msisdn,imsi,carrier,account,status,real_name_status,package_id\n{row}\n{Second},,,B,B1,active,1,3\n");

        Assert.Equal(new RowNotice(2, column, value, reason), report.Errors.Single());
        Assert.Equal((2, 1, 0, 0, 1), Counts(report));
    }

    [Fact]
    public async Task A_placement_that_fails_delays_scheduling_but_not_the_import()
    {
        await using var database = await WithAccountsAsync();
        _placement.Failure = new InvalidOperationException("no queue");

        var report = await ImportAsync(database, $"iccid,carrier,account\n{First},A,A1\n");

        Assert.True(report.SchedulingDelayed);
        Assert.Equal(1, report.Added);
    }

    [Fact]
    public async Task A_wrong_check_digit_is_a_warning()
    {
        await using var database = await WithAccountsAsync();
        var report = await ImportAsync(database, $"iccid,carrier,account\n89860000000000000002,A,A1\n8986000000000000000F,A,A1\n");

        Assert.Equal((2, 2, 0, 0, 0), Counts(report));
        Assert.Equal(2, report.Warnings.Single().Line);
    }

    [Fact]
    public async Task Imports_at_the_same_time_wait_for_each_other()
    {
        await using var database = await WithAccountsAsync();
        var rows = Enumerable.Range(0, 3000).Select(n => $"8986{n:D15}{Luhn.CheckDigit($"8986{n:D15}")},A,A1\n").ToList();
        var forth = "iccid,carrier,account\n" + string.Concat(rows);
        var back = "iccid,carrier,account\n" + string.Concat(rows.AsEnumerable().Reverse());

        var reports = await Task.WhenAll(ImportAsync(database, forth), ImportAsync(database, back), ImportAsync(database, forth));

        Assert.Equal(3000, reports.Sum(report => report.Added));
        Assert.Equal(6000, reports.Sum(report => report.Unchanged));
    }

    private static (long Rows, long Added, long Changed, long Unchanged, long Refused) Counts(CardImportReport report) =>
        (report.Rows, report.Added, report.Changed, report.Unchanged, report.Refused);

    private async Task<TestDatabase> WithAccountsAsync()
    {
        var database = await server.MigratedAsync();
        await database.AddAccountsAsync();
        await database.ExecuteAsync(
            """
            INSERT INTO tb_package (id, code, name, allowance_bytes, is_directional) VALUES (3, 'P3', 'p', 1000, false), (7, 'P7', 'p', 1000, false);
            INSERT INTO tb_usage_pool (id, code, name, account_id, allowance_bytes) VALUES (5, 'PA', 'p', 1, 1000), (6, 'PB', 'p', 2, 1000);
            """);
        return database;
    }

    private async Task<CardImportReport> ImportAsync(TestDatabase database, string csv)
    {
        var importer = new CardImporter(new CardChunkStore(database.Source), _placement, NullLogger<CardImporter>.Instance);
        var report = new CardImportReport();
        await importer.ImportAsync(new MemoryStream(Encoding.UTF8.GetBytes(csv)), report, TestContext.Current.CancellationToken);
        return report;
    }

    private sealed class RecordingPlacement : ICardPlacement
    {
        public List<long> Ids { get; } = [];

        public Exception? Failure { get; set; }

        public Task PlaceAsync(IReadOnlyList<long> cardIds, CancellationToken cancellationToken)
        {
            lock (Ids)
            {
                Ids.AddRange(cardIds);
            }

            return Failure is null ? Task.CompletedTask : Task.FromException(Failure);
        }
    }
}
