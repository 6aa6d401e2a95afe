using System;
using Microsoft.EntityFrameworkCore.Migrations;
using Npgsql.EntityFrameworkCore.PostgreSQL.Metadata;

#nullable disable

namespace Polling.Core.Persistence.Migrations
{
    /// <inheritdoc />
    public partial class Initial : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.CreateSequence(
                name: "polling_epoch_seq");

            migrationBuilder.CreateTable(
                name: "tb_card_poll",
                columns: table => new
                {
                    card_id = table.Column<long>(type: "bigint", nullable: false),
                    task_type = table.Column<short>(type: "smallint", nullable: false),
                    token_epoch = table.Column<long>(type: "bigint", nullable: false),
                    token = table.Column<long>(type: "bigint", nullable: false),
                    scheduled_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    checked_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    outcome = table.Column<short>(type: "smallint", nullable: false),
                    error_code = table.Column<string>(type: "character varying(32)", maxLength: 32, nullable: true),
                    duration_ms = table.Column<int>(type: "integer", nullable: false),
                    consecutive_failures = table.Column<int>(type: "integer", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_tb_card_poll", x => new { x.card_id, x.task_type });
                })
                .Annotation("Npgsql:StorageParameter:fillfactor", 80);

            migrationBuilder.CreateTable(
                name: "tb_carrier",
                columns: table => new
                {
                    id = table.Column<int>(type: "integer", nullable: false)
                        .Annotation("Npgsql:ValueGenerationStrategy", NpgsqlValueGenerationStrategy.IdentityByDefaultColumn),
                    code = table.Column<string>(type: "character varying(50)", maxLength: 50, nullable: false),
                    name = table.Column<string>(type: "character varying(100)", maxLength: 100, nullable: false),
                    created_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false, defaultValueSql: "now()"),
                    updated_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false, defaultValueSql: "now()")
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_tb_carrier", x => x.id);
                });

            ConfigurationTables.CreateConcurrency(migrationBuilder);
            ConfigurationTables.SeedConcurrency(migrationBuilder);

            ConfigurationTables.CreatePolling(migrationBuilder);
            ConfigurationTables.SeedPolling(migrationBuilder);

            migrationBuilder.CreateTable(
                name: "tb_real_name_record",
                columns: table => new
                {
                    id = table.Column<long>(type: "bigint", nullable: false)
                        .Annotation("Npgsql:ValueGenerationStrategy", NpgsqlValueGenerationStrategy.IdentityByDefaultColumn),
                    card_id = table.Column<long>(type: "bigint", nullable: false),
                    old_status = table.Column<short>(type: "smallint", nullable: false),
                    new_status = table.Column<short>(type: "smallint", nullable: false),
                    scheduled_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    checked_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_tb_real_name_record", x => x.id);
                });

            migrationBuilder.CreateTable(
                name: "tb_singleton_lease",
                columns: table => new
                {
                    name = table.Column<string>(type: "character varying(100)", maxLength: 100, nullable: false),
                    holder = table.Column<string>(type: "text", nullable: false),
                    term = table.Column<long>(type: "bigint", nullable: false),
                    expires_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_tb_singleton_lease", x => x.name);
                });

            migrationBuilder.CreateTable(
                name: "tb_carrier_account",
                columns: table => new
                {
                    id = table.Column<int>(type: "integer", nullable: false)
                        .Annotation("Npgsql:IdentitySequenceOptions", "'', '1', '', '4095', 'False', '1'")
                        .Annotation("Npgsql:ValueGenerationStrategy", NpgsqlValueGenerationStrategy.IdentityByDefaultColumn),
                    carrier_id = table.Column<int>(type: "integer", nullable: false),
                    code = table.Column<string>(type: "character varying(50)", maxLength: 50, nullable: false),
                    name = table.Column<string>(type: "character varying(100)", maxLength: 100, nullable: false),
                    base_url = table.Column<string>(type: "character varying(500)", maxLength: 500, nullable: true),
                    calls_per_second = table.Column<int>(type: "integer", nullable: false),
                    cards_per_call = table.Column<int>(type: "integer", nullable: false),
                    max_in_flight = table.Column<int>(type: "integer", nullable: false),
                    weight = table.Column<int>(type: "integer", nullable: false, defaultValue: 100),
                    time_zone = table.Column<string>(type: "character varying(64)", maxLength: 64, nullable: false, defaultValue: "Asia/Shanghai"),
                    status = table.Column<short>(type: "smallint", nullable: false),
                    row_version = table.Column<long>(type: "bigint", nullable: false, defaultValue: 1L),
                    created_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false, defaultValueSql: "now()"),
                    updated_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false, defaultValueSql: "now()")
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_tb_carrier_account", x => x.id);
                    table.UniqueConstraint("ak_tb_carrier_account_carrier_id_id", x => new { x.carrier_id, x.id });
                    table.CheckConstraint("ck_tb_carrier_account_budget", "calls_per_second >= 1 AND max_in_flight >= 1 AND weight >= 1");
                    table.CheckConstraint("ck_tb_carrier_account_cards_per_call", "cards_per_call BETWEEN 1 AND 500");
                    table.CheckConstraint("ck_tb_carrier_account_id", "id BETWEEN 1 AND 4095");
                    table.CheckConstraint("ck_tb_carrier_account_status", "status IN (0, 1)");
                    table.ForeignKey(
                        name: "fk_tb_carrier_account_tb_carrier_carrier_id",
                        column: x => x.carrier_id,
                        principalTable: "tb_carrier",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Restrict);
                });

            migrationBuilder.CreateTable(
                name: "tb_card",
                columns: table => new
                {
                    id = table.Column<long>(type: "bigint", nullable: false)
                        .Annotation("Npgsql:IdentitySequenceOptions", "'', '1', '', '699999999', 'False', '1'")
                        .Annotation("Npgsql:ValueGenerationStrategy", NpgsqlValueGenerationStrategy.IdentityByDefaultColumn),
                    iccid = table.Column<string>(type: "character varying(20)", maxLength: 20, nullable: false, collation: "C"),
                    msisdn = table.Column<string>(type: "character varying(20)", maxLength: 20, nullable: true),
                    imsi = table.Column<string>(type: "character varying(15)", maxLength: 15, nullable: true),
                    carrier_id = table.Column<int>(type: "integer", nullable: false),
                    account_id = table.Column<int>(type: "integer", nullable: false),
                    status = table.Column<short>(type: "smallint", nullable: false),
                    real_name_status = table.Column<short>(type: "smallint", nullable: false),
                    real_name_checked_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true),
                    package_id = table.Column<int>(type: "integer", nullable: true),
                    row_version = table.Column<long>(type: "bigint", nullable: false, defaultValue: 1L),
                    created_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false, defaultValueSql: "now()"),
                    updated_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false, defaultValueSql: "now()")
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_tb_card", x => x.id);
                    table.CheckConstraint("ck_tb_card_id", "id BETWEEN 1 AND 699999999");
                    table.CheckConstraint("ck_tb_card_real_name_status", "real_name_status IN (0, 1)");
                    table.CheckConstraint("ck_tb_card_status", "status BETWEEN 0 AND 3");
                    table.ForeignKey(
                        name: "fk_tb_card_tb_carrier_account_carrier_id_account_id",
                        columns: x => new { x.carrier_id, x.account_id },
                        principalTable: "tb_carrier_account",
                        principalColumns: new[] { "carrier_id", "id" },
                        onDelete: ReferentialAction.Restrict);
                })
                .Annotation("Npgsql:StorageParameter:fillfactor", 90);

            migrationBuilder.CreateIndex(
                name: "ix_tb_card_account_id_id",
                table: "tb_card",
                columns: new[] { "account_id", "id" });

            migrationBuilder.CreateIndex(
                name: "ix_tb_card_carrier_id_id",
                table: "tb_card",
                columns: new[] { "carrier_id", "id" });

            migrationBuilder.CreateIndex(
                name: "ix_tb_card_iccid",
                table: "tb_card",
                column: "iccid",
                unique: true);

            migrationBuilder.CreateIndex(
                name: "ix_tb_card_msisdn",
                table: "tb_card",
                column: "msisdn",
                filter: "msisdn IS NOT NULL");

            migrationBuilder.CreateIndex(
                name: "ix_tb_card_real_name_status_id",
                table: "tb_card",
                columns: new[] { "real_name_status", "id" },
                filter: "real_name_status = 0");

            migrationBuilder.CreateIndex(
                name: "ix_tb_card_status_id",
                table: "tb_card",
                columns: new[] { "status", "id" },
                filter: "status <> 1");

            migrationBuilder.CreateIndex(
                name: "ix_tb_carrier_code",
                table: "tb_carrier",
                column: "code",
                unique: true);

            migrationBuilder.CreateIndex(
                name: "ix_tb_carrier_account_code",
                table: "tb_carrier_account",
                column: "code",
                unique: true);

            migrationBuilder.CreateIndex(
                name: "ix_tb_real_name_record_card_id_scheduled_at",
                table: "tb_real_name_record",
                columns: new[] { "card_id", "scheduled_at" },
                unique: true);
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "tb_card");

            migrationBuilder.DropTable(
                name: "tb_card_poll");

            migrationBuilder.DropTable(
                name: "tb_polling_concurrency_config");

            migrationBuilder.DropTable(
                name: "tb_polling_config");

            migrationBuilder.DropTable(
                name: "tb_real_name_record");

            migrationBuilder.DropTable(
                name: "tb_singleton_lease");

            migrationBuilder.DropTable(
                name: "tb_carrier_account");

            migrationBuilder.DropTable(
                name: "tb_carrier");

            migrationBuilder.DropSequence(
                name: "polling_epoch_seq");
        }
    }
}
