using System.Globalization;

namespace Polling.Benchmarks.Operations;

/// <summary>
/// Two million old usage records: half of them in two months that are older than the retention as a whole; the others in the month of the cut-off and
/// in the default partition, there by turns older than it and in retention.
/// </summary>
internal sealed class UsageHistory(DateTimeOffset now)
{
    public const int Records = 2_000_000;
    public const int OfWholeMonths = Records / 2;
    public const int MixedAndOld = Records / 4;
    public const int Kept = Records / 4;
    public const int Old = OfWholeMonths + MixedAndOld;
    private const int RetentionDays = 90;
    private const int OfAMonth = OfWholeMonths / 2;
    private static readonly TimeSpan Zone = TimeSpan.FromHours(8);

    // Nothing lies within a day of the cut-off: it is fixed when the run is asked for.
    private static readonly TimeSpan Apart = TimeSpan.FromDays(1);
    private static readonly TimeSpan Mixed = TimeSpan.FromDays(20);
    private readonly DateTimeOffset _cutoff = now.AddDays(-RetentionDays);

    /// <summary>Sum of the kept records' <c>used_bytes</c>: the even numbers.</summary>
    public const long KeptBytes = (long)Kept * (Kept + 1);

    /// <summary>Makes them.</summary>
    public string Sql
    {
        get
        {
            var month = MonthOf(_cutoff);
            var (first, second) = (month.AddMonths(-4), month.AddMonths(-3));
            return string.Join('\n',
                Partition(first), Partition(second), Partition(month),
                Insert(OfAMonth, Evenly(first, OfAMonth)), Insert(OfAMonth, Evenly(second, OfAMonth)),
                Insert(MixedAndOld + Kept, string.Create(CultureInfo.InvariantCulture,
                    $"CASE i % 2 WHEN 1 THEN {Literal(_cutoff - Apart)} - {Step(Mixed, Records / 2)} ELSE {Literal(_cutoff + Apart)} + {Step(Mixed, Records / 2)} END")),
                "ANALYZE tb_usage_record;");
        }
    }

    /// <summary>Counts, and adds up, those that are left; <c>$1</c> is the present time.</summary>
    public static string LeftSql(string aggregate) =>
        $"SELECT coalesce({aggregate}, 0)::bigint FROM tb_usage_record WHERE scheduled_at < $1::timestamptz - interval '60 days'";

    private static DateTimeOffset MonthOf(DateTimeOffset time)
    {
        var local = time.ToOffset(Zone);
        return new DateTimeOffset(local.Year, local.Month, 1, 0, 0, 0, Zone);
    }

    private static string Partition(DateTimeOffset month) => string.Create(CultureInfo.InvariantCulture,
        $"CREATE TABLE tb_usage_record_y{month.Year:D4}m{month.Month:D2} PARTITION OF tb_usage_record FOR VALUES FROM ({Literal(month)}) TO ({Literal(month.AddMonths(1))});");

    private static string Insert(int count, string scheduledAt) => string.Create(CultureInfo.InvariantCulture,
        $"""
        INSERT INTO tb_usage_record (card_id, task_type, scheduled_at, account_id, cycle, used_bytes, checked_at)
        SELECT i % {Fleet.Cards} + 1, 2, at, 1, date_trunc('month', at)::date, i, at FROM (SELECT i, {scheduledAt} AS at FROM generate_series(1, {count}) AS i) AS r;
        """);

    private static string Evenly(DateTimeOffset month, int count) => $"{Literal(month)} + {Step(month.AddMonths(1) - month, count)}";

    private static string Step(TimeSpan span, int count) =>
        string.Create(CultureInfo.InvariantCulture, $"(i - 1) * {span.TotalSeconds / count:F6} * interval '1 s'");

    private static string Literal(DateTimeOffset time) => $"'{time.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture)}+00'::timestamptz";
}
