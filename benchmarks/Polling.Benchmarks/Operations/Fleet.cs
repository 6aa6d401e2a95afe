using System.Globalization;

namespace Polling.Benchmarks.Operations;

/// <summary>
/// The fleet that operations are measured with: one million cards, one account with a fifth of them and as few calls a second as a carrier
/// grants, 49 with the rest. Real name and usage are polled alike; packages only by hand, so that the gateway's ledger shows these alone.
/// </summary>
/// <param name="Interval">Of both tasks that are polled.</param>
/// <param name="FirstDueIn">From now until the first card is due; from then on they are due evenly. Null = all are long due.</param>
internal sealed record Fleet(TimeSpan Interval, TimeSpan? FirstDueIn)
{
    public const int Cards = 1_000_000;
    public const int CardsOfLargest = 200_000;
    public const int PolledTasks = 2;
    private const int Accounts = 50;
    private const int CallsPerSecondOfLargest = 40;
    private const int CallsPerSecond = 100;
    private const int Permits = 200;

    // A card is due next when six tenths of its interval have passed, at the first point of its grid: within an interval of that.
    private const double EarliestNext = 0.6;

    /// <summary>Cards that are due in a second.</summary>
    public double CardsDuePerSecond => Cards * PolledTasks / Interval.TotalSeconds;

    /// <summary>Accounts, cards and configurations; into an empty database.</summary>
    public string CardsSql => string.Create(CultureInfo.InvariantCulture,
        $"""
        INSERT INTO tb_carrier (id, code, name) VALUES (1, 'C', 'C');
        INSERT INTO tb_carrier_account (id, carrier_id, code, name, calls_per_second, cards_per_call, max_in_flight, status)
        SELECT id, 1, 'A' || id, 'A' || id, CASE id WHEN 1 THEN {CallsPerSecondOfLargest} ELSE {CallsPerSecond} END, 100, 100, 1
        FROM generate_series(1, {Accounts}) AS id;
        INSERT INTO tb_card (id, iccid, carrier_id, account_id, status, real_name_status)
        SELECT id, '8986' || lpad(id::text, 16, '0'), 1, CASE WHEN id <= {CardsOfLargest} THEN 1 ELSE id / 1000 % {Accounts - 1} + 2 END, 1, 1
        FROM generate_series(1, {Cards}) AS id;
        DELETE FROM tb_polling_config;
        INSERT INTO tb_polling_config (name, task_type, interval_seconds)
        VALUES ('a', 'realname', {(int)Interval.TotalSeconds}), ('b', 'carddata', {(int)Interval.TotalSeconds}), ('c', 'package', 86400);
        UPDATE tb_polling_concurrency_config SET max_concurrency = {Permits};
        UPDATE tb_data_cleanup_config SET schedule = NULL;
        """);

    /// <summary>When each card was asked last.</summary>
    public string ChecksSql => string.Create(CultureInfo.InvariantCulture,
        $"""
        INSERT INTO tb_card_poll (card_id, task_type, token_epoch, token, scheduled_at, checked_at, outcome, duration_ms, consecutive_failures)
        SELECT id, task, 0, 0, now(), CASE task WHEN 3 THEN now() ELSE {CheckedAtSql} END, 1, 0, 0
        FROM generate_series(1, {Cards}) AS id, generate_series(1, 3) AS task;
        ANALYZE;
        """);

    private string CheckedAtSql => FirstDueIn is { } first
        ? string.Create(CultureInfo.InvariantCulture, $"now() + {first.TotalSeconds} * interval '1 s' - {EarliestNext * Interval.TotalSeconds} * interval '1 s'")
        : "now() - interval '2 hours'";
}
