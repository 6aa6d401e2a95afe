using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Polling.Core.Persistence.Migrations
{
    /// <inheritdoc />
    public partial class AccountQuotas : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<short>(
                name: "billing_cycle_day",
                table: "tb_carrier_account",
                type: "smallint",
                nullable: false,
                defaultValue: (short)1);

            migrationBuilder.AddColumn<int>(
                name: "calls_per_5_minutes",
                table: "tb_carrier_account",
                type: "integer",
                nullable: true);

            migrationBuilder.AddColumn<long>(
                name: "calls_per_month",
                table: "tb_carrier_account",
                type: "bigint",
                nullable: true);

            migrationBuilder.AddColumn<string[]>(
                name: "maintenance_windows",
                table: "tb_carrier_account",
                type: "text[]",
                nullable: false,
                defaultValueSql: "'{}'");

            migrationBuilder.CreateTable(
                name: "tb_account_month_use",
                columns: table => new
                {
                    account_id = table.Column<int>(type: "integer", nullable: false),
                    month = table.Column<DateOnly>(type: "date", nullable: false),
                    calls = table.Column<long>(type: "bigint", nullable: false),
                    last_block = table.Column<long>(type: "bigint", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_tb_account_month_use", x => new { x.account_id, x.month });
                    table.ForeignKey(
                        name: "fk_tb_account_month_use_tb_carrier_account_account_id",
                        column: x => x.account_id,
                        principalTable: "tb_carrier_account",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.AddCheckConstraint(
                name: "ck_tb_carrier_account_billing_cycle_day",
                table: "tb_carrier_account",
                sql: "billing_cycle_day BETWEEN 1 AND 28");

            migrationBuilder.AddCheckConstraint(
                name: "ck_tb_carrier_account_long_quotas",
                table: "tb_carrier_account",
                sql: "calls_per_5_minutes >= 1 AND calls_per_month >= 1");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "tb_account_month_use");

            migrationBuilder.DropCheckConstraint(
                name: "ck_tb_carrier_account_billing_cycle_day",
                table: "tb_carrier_account");

            migrationBuilder.DropCheckConstraint(
                name: "ck_tb_carrier_account_long_quotas",
                table: "tb_carrier_account");

            migrationBuilder.DropColumn(
                name: "billing_cycle_day",
                table: "tb_carrier_account");

            migrationBuilder.DropColumn(
                name: "calls_per_5_minutes",
                table: "tb_carrier_account");

            migrationBuilder.DropColumn(
                name: "calls_per_month",
                table: "tb_carrier_account");

            migrationBuilder.DropColumn(
                name: "maintenance_windows",
                table: "tb_carrier_account");
        }
    }
}
