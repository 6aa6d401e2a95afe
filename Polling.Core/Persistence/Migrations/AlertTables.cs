using Microsoft.EntityFrameworkCore.Migrations;

namespace Polling.Core.Persistence.Migrations;

/// <summary>
/// The table of alert rules, which operators dump and restore on its own; as <see cref="ConfigurationTables"/> it is adopted with its
/// rows when a restored one is there first. What a row may hold is checked by the program, so that one wrong row stops no restore.
/// </summary>
internal static class AlertTables
{
    public static void CreateRules(MigrationBuilder migration) => ConfigurationTables.Create(
        migration,
        "tb_polling_alert_rule",
        ("name", "text NOT NULL"),
        ("rule_type", "text NOT NULL"),
        ("task_type", "text"),
        ("account_id", "integer"),
        ("comparison", "text NOT NULL DEFAULT '>'"),
        ("threshold", "double precision NOT NULL"),
        ("for_seconds", "integer NOT NULL DEFAULT 0"),
        ("min_samples", "bigint NOT NULL DEFAULT 0"),
        ("window_seconds", "integer NOT NULL DEFAULT 300"),
        ("cooldown_seconds", "integer NOT NULL DEFAULT 300"),
        ("is_enabled", "boolean NOT NULL DEFAULT true"),
        ("notify_channels", "text[] NOT NULL DEFAULT '{webhook}'"),
        ("webhook_url", "text"),
        ("webhook_secret", "text"),
        ("webhook_format", "text NOT NULL DEFAULT 'standard'"),
        ("created_at", "timestamptz NOT NULL DEFAULT now()"),
        ("updated_at", "timestamptz NOT NULL DEFAULT now()"));

    /// <summary>The contract's three rules, switched off: an operator enters a URL and switches them on. A table with any row is left as it is.</summary>
    public static void SeedRules(MigrationBuilder migration) => migration.Sql(
        """
        INSERT INTO tb_polling_alert_rule (name, rule_type, comparison, threshold, min_samples, is_enabled)
        SELECT * FROM (VALUES
            ('队列积压告警', 'queue_backlog', '>', 50000::double precision, 0::bigint, false),
            ('成功率告警', 'success_rate', '<', 90::double precision, 10::bigint, false),
            ('耗时告警', 'avg_duration', '>', 2000::double precision, 10::bigint, false)) AS defaults
        WHERE NOT EXISTS (SELECT 1 FROM tb_polling_alert_rule);
        """);
}
