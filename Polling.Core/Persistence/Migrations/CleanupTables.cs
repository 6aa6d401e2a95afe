using Microsoft.EntityFrameworkCore.Migrations;

namespace Polling.Core.Persistence.Migrations;

/// <summary>
/// The table of clean-up configurations, which operators dump and restore on its own; as <see cref="ConfigurationTables"/> it is adopted
/// with its rows when a restored one is there first.
/// </summary>
internal static class CleanupTables
{
    public static void CreateConfig(MigrationBuilder migration) => ConfigurationTables.Create(
        migration,
        "tb_data_cleanup_config",
        ("name", "text NOT NULL"),
        ("dataset", "text NOT NULL"),
        ("retention_days", "integer NOT NULL"),
        ("batch_size", "integer NOT NULL DEFAULT 10000"),
        ("schedule", "text"),
        ("is_enabled", "boolean NOT NULL DEFAULT true"),
        ("created_at", "timestamptz NOT NULL DEFAULT now()"),
        ("updated_at", "timestamptz NOT NULL DEFAULT now()"));

    /// <summary>What a fresh installation keeps; a table with any row is left as it is.</summary>
    public static void SeedConfig(MigrationBuilder migration) => migration.Sql(
        """
        INSERT INTO tb_data_cleanup_config (name, dataset, retention_days, schedule)
        SELECT * FROM (VALUES
            ('流量记录', 'usage_record', 90, '0 3 * * *'),
            ('告警历史', 'alert_history', 180, '10 3 * * *'),
            ('手动触发', 'manual_trigger', 30, '20 3 * * *'),
            ('清理日志', 'cleanup_log', 365, '30 3 * * *')) AS defaults
        WHERE NOT EXISTS (SELECT 1 FROM tb_data_cleanup_config);
        """);

    /// <summary>The audit log came later: a table that says nothing of it keeps it for a year.</summary>
    public static void SeedAuditLog(MigrationBuilder migration) => migration.Sql(
        """
        INSERT INTO tb_data_cleanup_config (name, dataset, retention_days, schedule)
        SELECT '审计日志', 'audit_log', 365, '40 3 * * *'
        WHERE NOT EXISTS (SELECT 1 FROM tb_data_cleanup_config WHERE dataset = 'audit_log');
        """);

    /// <summary>Days and billing cycles came later: days are kept for 13 months, closed cycles for three years.</summary>
    public static void SeedUsage(MigrationBuilder migration) => migration.Sql(
        """
        INSERT INTO tb_data_cleanup_config (name, dataset, retention_days, schedule)
        SELECT v.* FROM (VALUES ('每日流量', 'usage_daily', 400, '50 3 * * *'), ('计费周期', 'usage_cycle', 1100, '0 4 * * *'))
          AS v (name, dataset, retention_days, schedule)
        WHERE NOT EXISTS (SELECT 1 FROM tb_data_cleanup_config c WHERE c.dataset = v.dataset);
        """);

    /// <summary>Two runs at once are impossible; and when each configuration was last planned, which no restore sets back.</summary>
    public static void CreateGuards(MigrationBuilder migration) => migration.Sql(
        """
        CREATE UNIQUE INDEX ix_tb_data_cleanup_run_open ON tb_data_cleanup_run ((finished_at IS NULL)) WHERE finished_at IS NULL;
        CREATE TABLE tb_data_cleanup_plan (config_id integer PRIMARY KEY, schedule text NOT NULL, planned_to timestamptz NOT NULL);
        """);
}
