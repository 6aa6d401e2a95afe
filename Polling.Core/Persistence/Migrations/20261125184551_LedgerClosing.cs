using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Polling.Core.Persistence.Migrations
{
    /// <inheritdoc />
    public partial class LedgerClosing : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<DateTimeOffset>(
                name: "close_after",
                table: "tb_usage_cycle",
                type: "timestamp with time zone",
                nullable: true);

            migrationBuilder.AddColumn<int>(
                name: "close_attempts",
                table: "tb_usage_cycle",
                type: "integer",
                nullable: false,
                defaultValue: 0);

            ConfigurationTables.AddAdaptive(migrationBuilder);
            CleanupTables.SeedUsage(migrationBuilder);
            UsageTables.CreateFunctions(migrationBuilder);

            migrationBuilder.CreateIndex(
                name: "ix_tb_usage_cycle_account_id_cycle_card_id",
                table: "tb_usage_cycle",
                columns: new[] { "account_id", "cycle", "card_id" },
                filter: "closed_at IS NULL");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropIndex(
                name: "ix_tb_usage_cycle_account_id_cycle_card_id",
                table: "tb_usage_cycle");

            migrationBuilder.DropColumn(
                name: "close_after",
                table: "tb_usage_cycle");

            migrationBuilder.DropColumn(
                name: "close_attempts",
                table: "tb_usage_cycle");

            migrationBuilder.DropColumn(
                name: "adaptive_max_seconds",
                table: "tb_polling_config");

            migrationBuilder.DropColumn(
                name: "adaptive_min_seconds",
                table: "tb_polling_config");

            migrationBuilder.Sql("DROP FUNCTION polling_zone(text); DROP FUNCTION polling_cycle(timestamp, integer);");
        }
    }
}
