using System;
using Microsoft.EntityFrameworkCore.Migrations;
using Npgsql.EntityFrameworkCore.PostgreSQL.Metadata;

#nullable disable

namespace Polling.Core.Persistence.Migrations
{
    /// <inheritdoc />
    public partial class UsageLedgerAndSuspensions : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropCheckConstraint(
                name: "ck_tb_usage_record_used_kb",
                table: "tb_usage_record");

            migrationBuilder.DropCheckConstraint(
                name: "ck_tb_card_package_kb",
                table: "tb_card_package");

            migrationBuilder.RenameColumn(
                name: "used_kb",
                table: "tb_usage_record",
                newName: "used_bytes");

            migrationBuilder.RenameColumn(
                name: "used_kb",
                table: "tb_card_package",
                newName: "used_bytes");

            migrationBuilder.RenameColumn(
                name: "allowance_kb",
                table: "tb_card_package",
                newName: "allowance_bytes");

            UsageTables.FromKilobytesToBytes(migrationBuilder);

            migrationBuilder.AddColumn<string>(
                name: "app_id",
                table: "tb_carrier_account",
                type: "character varying(200)",
                maxLength: 200,
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "app_secret",
                table: "tb_carrier_account",
                type: "character varying(200)",
                maxLength: 200,
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "dialect",
                table: "tb_carrier_account",
                type: "text",
                nullable: false,
                defaultValueSql: "'plain'");

            migrationBuilder.AddColumn<string>(
                name: "suspension_mode",
                table: "tb_carrier_account",
                type: "text",
                nullable: false,
                defaultValueSql: "'on'");

            migrationBuilder.AddColumn<int>(
                name: "suspension_window_seconds",
                table: "tb_carrier_account",
                type: "integer",
                nullable: false,
                defaultValue: 3600);

            migrationBuilder.AddColumn<int>(
                name: "suspensions_max",
                table: "tb_carrier_account",
                type: "integer",
                nullable: false,
                defaultValue: 100);

            migrationBuilder.AddColumn<double>(
                name: "suspensions_percent_max",
                table: "tb_carrier_account",
                type: "double precision",
                nullable: true);

            migrationBuilder.AddColumn<int>(
                name: "usage_freshness_seconds",
                table: "tb_carrier_account",
                type: "integer",
                nullable: false,
                defaultValue: 7200);

            migrationBuilder.AddColumn<int>(
                name: "pool_id",
                table: "tb_card",
                type: "integer",
                nullable: true);

            migrationBuilder.CreateTable(
                name: "tb_card_stop",
                columns: table => new
                {
                    card_id = table.Column<long>(type: "bigint", nullable: false),
                    stopped_by = table.Column<short>(type: "smallint", nullable: true),
                    suspension_id = table.Column<long>(type: "bigint", nullable: true),
                    since = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    episode = table.Column<int>(type: "integer", nullable: false, defaultValue: 1),
                    checked_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_tb_card_stop", x => x.card_id);
                });

            migrationBuilder.CreateTable(
                name: "tb_package",
                columns: table => new
                {
                    id = table.Column<int>(type: "integer", nullable: false)
                        .Annotation("Npgsql:ValueGenerationStrategy", NpgsqlValueGenerationStrategy.IdentityByDefaultColumn),
                    code = table.Column<string>(type: "character varying(64)", maxLength: 64, nullable: false),
                    name = table.Column<string>(type: "character varying(100)", maxLength: 100, nullable: false),
                    allowance_bytes = table.Column<long>(type: "bigint", nullable: false),
                    limit_percent = table.Column<short>(type: "smallint", nullable: false, defaultValue: (short)100),
                    warn_percent = table.Column<short>(type: "smallint", nullable: false, defaultValue: (short)80),
                    valid_until = table.Column<DateOnly>(type: "date", nullable: true),
                    real_name_above_bytes = table.Column<long>(type: "bigint", nullable: true),
                    is_directional = table.Column<bool>(type: "boolean", nullable: false),
                    row_version = table.Column<long>(type: "bigint", nullable: false, defaultValue: 1L),
                    created_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false, defaultValueSql: "now()"),
                    updated_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false, defaultValueSql: "now()")
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_tb_package", x => x.id);
                    table.CheckConstraint("ck_tb_package_bytes", "allowance_bytes >= 0 AND real_name_above_bytes >= 0");
                    table.CheckConstraint("ck_tb_package_percent", "limit_percent BETWEEN 1 AND 1000 AND warn_percent BETWEEN 1 AND 1000");
                });

            migrationBuilder.CreateTable(
                name: "tb_package_addon",
                columns: table => new
                {
                    id = table.Column<long>(type: "bigint", nullable: false)
                        .Annotation("Npgsql:ValueGenerationStrategy", NpgsqlValueGenerationStrategy.IdentityByDefaultColumn),
                    card_id = table.Column<long>(type: "bigint", nullable: true),
                    pool_id = table.Column<int>(type: "integer", nullable: true),
                    cycle = table.Column<DateOnly>(type: "date", nullable: false),
                    allowance_bytes = table.Column<long>(type: "bigint", nullable: false),
                    reference = table.Column<string>(type: "character varying(100)", maxLength: 100, nullable: false),
                    created_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false, defaultValueSql: "now()"),
                    created_by = table.Column<string>(type: "text", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_tb_package_addon", x => x.id);
                    table.CheckConstraint("ck_tb_package_addon", "num_nonnulls(card_id, pool_id) = 1 AND allowance_bytes > 0");
                });

            migrationBuilder.CreateTable(
                name: "tb_suspension",
                columns: table => new
                {
                    id = table.Column<long>(type: "bigint", nullable: false)
                        .Annotation("Npgsql:ValueGenerationStrategy", NpgsqlValueGenerationStrategy.IdentityByDefaultColumn),
                    card_id = table.Column<long>(type: "bigint", nullable: false),
                    account_id = table.Column<int>(type: "integer", nullable: false),
                    action = table.Column<short>(type: "smallint", nullable: false),
                    rule = table.Column<short>(type: "smallint", nullable: false),
                    cycle = table.Column<DateOnly>(type: "date", nullable: false),
                    episode = table.Column<int>(type: "integer", nullable: false),
                    state = table.Column<short>(type: "smallint", nullable: false),
                    used_bytes = table.Column<long>(type: "bigint", nullable: true),
                    limit_bytes = table.Column<long>(type: "bigint", nullable: true),
                    reason = table.Column<string>(type: "text", nullable: false),
                    requested_by = table.Column<string>(type: "text", nullable: false),
                    created_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false, defaultValueSql: "now()"),
                    next_attempt_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false, defaultValueSql: "now()"),
                    attempts = table.Column<int>(type: "integer", nullable: false),
                    lease_owner = table.Column<string>(type: "text", nullable: true),
                    lease_until = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true),
                    sent_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true),
                    job_id = table.Column<string>(type: "text", nullable: true),
                    finished_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true),
                    error_code = table.Column<string>(type: "text", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_tb_suspension", x => x.id);
                });

            migrationBuilder.CreateTable(
                name: "tb_suspension_breaker",
                columns: table => new
                {
                    account_id = table.Column<int>(type: "integer", nullable: false),
                    is_tripped = table.Column<bool>(type: "boolean", nullable: false),
                    tripped_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    reason = table.Column<string>(type: "text", nullable: false),
                    released_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true),
                    released_by = table.Column<string>(type: "text", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_tb_suspension_breaker", x => x.account_id);
                });

            migrationBuilder.CreateTable(
                name: "tb_suspension_exemption",
                columns: table => new
                {
                    card_id = table.Column<long>(type: "bigint", nullable: false),
                    reason = table.Column<string>(type: "text", nullable: false),
                    until = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true),
                    created_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false, defaultValueSql: "now()"),
                    created_by = table.Column<string>(type: "text", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_tb_suspension_exemption", x => x.card_id);
                });

            migrationBuilder.CreateTable(
                name: "tb_usage_cycle",
                columns: table => new
                {
                    card_id = table.Column<long>(type: "bigint", nullable: false),
                    cycle = table.Column<DateOnly>(type: "date", nullable: false),
                    account_id = table.Column<int>(type: "integer", nullable: false),
                    used_bytes = table.Column<long>(type: "bigint", nullable: false),
                    previous_used_bytes = table.Column<long>(type: "bigint", nullable: false),
                    last_bytes = table.Column<long>(type: "bigint", nullable: false),
                    last_as_of = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    last_read_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    first_read_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    bytes_per_hour = table.Column<double>(type: "double precision", nullable: true),
                    falling_readings = table.Column<int>(type: "integer", nullable: false),
                    late_readings = table.Column<int>(type: "integer", nullable: false),
                    closed_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true),
                    closed_by = table.Column<short>(type: "smallint", nullable: true),
                    gap_seconds = table.Column<int>(type: "integer", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_tb_usage_cycle", x => new { x.card_id, x.cycle });
                    table.CheckConstraint("ck_tb_usage_cycle_bytes", "used_bytes >= 0 AND last_bytes >= 0");
                })
                .Annotation("Npgsql:StorageParameter:fillfactor", 80);

            UsageTables.CreateDaily(migrationBuilder);

            migrationBuilder.CreateTable(
                name: "tb_usage_pool",
                columns: table => new
                {
                    id = table.Column<int>(type: "integer", nullable: false)
                        .Annotation("Npgsql:ValueGenerationStrategy", NpgsqlValueGenerationStrategy.IdentityByDefaultColumn),
                    code = table.Column<string>(type: "character varying(64)", maxLength: 64, nullable: false),
                    name = table.Column<string>(type: "character varying(100)", maxLength: 100, nullable: false),
                    account_id = table.Column<int>(type: "integer", nullable: false),
                    allowance_bytes = table.Column<long>(type: "bigint", nullable: false),
                    row_version = table.Column<long>(type: "bigint", nullable: false, defaultValue: 1L),
                    created_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false, defaultValueSql: "now()"),
                    updated_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false, defaultValueSql: "now()")
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_tb_usage_pool", x => x.id);
                    table.CheckConstraint("ck_tb_usage_pool_bytes", "allowance_bytes >= 0");
                });

            migrationBuilder.CreateTable(
                name: "tb_usage_pool_cycle",
                columns: table => new
                {
                    pool_id = table.Column<int>(type: "integer", nullable: false),
                    cycle = table.Column<DateOnly>(type: "date", nullable: false),
                    used_bytes = table.Column<long>(type: "bigint", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_tb_usage_pool_cycle", x => new { x.pool_id, x.cycle });
                })
                .Annotation("Npgsql:StorageParameter:fillfactor", 50);

            migrationBuilder.AddCheckConstraint(
                name: "ck_tb_usage_record_used_bytes",
                table: "tb_usage_record",
                sql: "used_bytes >= 0");

            migrationBuilder.AddCheckConstraint(
                name: "ck_tb_carrier_account_suspension",
                table: "tb_carrier_account",
                sql: "usage_freshness_seconds > 0 AND suspensions_max > 0 AND suspensions_percent_max > 0 AND suspension_window_seconds > 0");

            migrationBuilder.AddCheckConstraint(
                name: "ck_tb_card_package_bytes",
                table: "tb_card_package",
                sql: "allowance_bytes >= 0 AND used_bytes >= 0");

            migrationBuilder.CreateIndex(
                name: "ix_tb_card_package_id_id",
                table: "tb_card",
                columns: new[] { "package_id", "id" },
                filter: "package_id IS NOT NULL");

            migrationBuilder.CreateIndex(
                name: "ix_tb_card_pool_id_id",
                table: "tb_card",
                columns: new[] { "pool_id", "id" },
                filter: "pool_id IS NOT NULL");

            migrationBuilder.CreateIndex(
                name: "ix_tb_package_code",
                table: "tb_package",
                column: "code",
                unique: true);

            migrationBuilder.CreateIndex(
                name: "ix_tb_package_addon_card_id_cycle",
                table: "tb_package_addon",
                columns: new[] { "card_id", "cycle" },
                filter: "card_id IS NOT NULL");

            migrationBuilder.CreateIndex(
                name: "ix_tb_package_addon_pool_id_cycle",
                table: "tb_package_addon",
                columns: new[] { "pool_id", "cycle" },
                filter: "pool_id IS NOT NULL");

            migrationBuilder.CreateIndex(
                name: "ix_tb_package_addon_reference",
                table: "tb_package_addon",
                column: "reference",
                unique: true);

            migrationBuilder.CreateIndex(
                name: "ix_tb_suspension_account_id_created_at",
                table: "tb_suspension",
                columns: new[] { "account_id", "created_at" });

            migrationBuilder.CreateIndex(
                name: "ix_tb_suspension_card_id_rule_cycle_episode_action",
                table: "tb_suspension",
                columns: new[] { "card_id", "rule", "cycle", "episode", "action" },
                unique: true);

            migrationBuilder.CreateIndex(
                name: "ix_tb_suspension_next_attempt_at_id",
                table: "tb_suspension",
                columns: new[] { "next_attempt_at", "id" },
                filter: "state < 10");

            migrationBuilder.CreateIndex(
                name: "ix_tb_usage_pool_code",
                table: "tb_usage_pool",
                column: "code",
                unique: true);
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "tb_card_stop");

            migrationBuilder.DropTable(
                name: "tb_package");

            migrationBuilder.DropTable(
                name: "tb_package_addon");

            migrationBuilder.DropTable(
                name: "tb_suspension");

            migrationBuilder.DropTable(
                name: "tb_suspension_breaker");

            migrationBuilder.DropTable(
                name: "tb_suspension_exemption");

            migrationBuilder.DropTable(
                name: "tb_usage_cycle");

            migrationBuilder.DropTable(
                name: "tb_usage_daily");

            migrationBuilder.DropTable(
                name: "tb_usage_pool");

            migrationBuilder.DropTable(
                name: "tb_usage_pool_cycle");

            migrationBuilder.DropCheckConstraint(
                name: "ck_tb_usage_record_used_bytes",
                table: "tb_usage_record");

            migrationBuilder.DropCheckConstraint(
                name: "ck_tb_carrier_account_suspension",
                table: "tb_carrier_account");

            migrationBuilder.DropCheckConstraint(
                name: "ck_tb_card_package_bytes",
                table: "tb_card_package");

            migrationBuilder.DropIndex(
                name: "ix_tb_card_package_id_id",
                table: "tb_card");

            migrationBuilder.DropIndex(
                name: "ix_tb_card_pool_id_id",
                table: "tb_card");

            migrationBuilder.DropColumn(
                name: "app_id",
                table: "tb_carrier_account");

            migrationBuilder.DropColumn(
                name: "app_secret",
                table: "tb_carrier_account");

            migrationBuilder.DropColumn(
                name: "dialect",
                table: "tb_carrier_account");

            migrationBuilder.DropColumn(
                name: "suspension_mode",
                table: "tb_carrier_account");

            migrationBuilder.DropColumn(
                name: "suspension_window_seconds",
                table: "tb_carrier_account");

            migrationBuilder.DropColumn(
                name: "suspensions_max",
                table: "tb_carrier_account");

            migrationBuilder.DropColumn(
                name: "suspensions_percent_max",
                table: "tb_carrier_account");

            migrationBuilder.DropColumn(
                name: "usage_freshness_seconds",
                table: "tb_carrier_account");

            migrationBuilder.DropColumn(
                name: "pool_id",
                table: "tb_card");

            migrationBuilder.RenameColumn(
                name: "used_bytes",
                table: "tb_usage_record",
                newName: "used_kb");

            migrationBuilder.RenameColumn(
                name: "used_bytes",
                table: "tb_card_package",
                newName: "used_kb");

            migrationBuilder.RenameColumn(
                name: "allowance_bytes",
                table: "tb_card_package",
                newName: "allowance_kb");

            migrationBuilder.AddCheckConstraint(
                name: "ck_tb_usage_record_used_kb",
                table: "tb_usage_record",
                sql: "used_kb >= 0");

            migrationBuilder.AddCheckConstraint(
                name: "ck_tb_card_package_kb",
                table: "tb_card_package",
                sql: "allowance_kb >= 0 AND used_kb >= 0");
        }
    }
}
