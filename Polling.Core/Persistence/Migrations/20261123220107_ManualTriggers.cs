using System;
using Microsoft.EntityFrameworkCore.Migrations;
using Npgsql.EntityFrameworkCore.PostgreSQL.Metadata;

#nullable disable

namespace Polling.Core.Persistence.Migrations
{
    /// <inheritdoc />
    public partial class ManualTriggers : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.CreateTable(
                name: "tb_polling_manual_item",
                columns: table => new
                {
                    trigger_id = table.Column<long>(type: "bigint", nullable: false),
                    card_id = table.Column<long>(type: "bigint", nullable: false),
                    account_id = table.Column<int>(type: "integer", nullable: false),
                    state = table.Column<short>(type: "smallint", nullable: false),
                    reason = table.Column<string>(type: "character varying(32)", maxLength: 32, nullable: true),
                    handed_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true),
                    finished_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_tb_polling_manual_item", x => new { x.trigger_id, x.card_id });
                });

            migrationBuilder.CreateTable(
                name: "tb_polling_manual_trigger",
                columns: table => new
                {
                    id = table.Column<long>(type: "bigint", nullable: false)
                        .Annotation("Npgsql:ValueGenerationStrategy", NpgsqlValueGenerationStrategy.IdentityByDefaultColumn),
                    task_type = table.Column<string>(type: "character varying(16)", maxLength: 16, nullable: false),
                    kind = table.Column<short>(type: "smallint", nullable: false),
                    condition = table.Column<string>(type: "jsonb", nullable: true),
                    listed_to = table.Column<long>(type: "bigint", nullable: true),
                    created_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    cancelled_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true),
                    finished_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_tb_polling_manual_trigger", x => x.id);
                });

            migrationBuilder.CreateIndex(
                name: "ix_tb_polling_manual_item_open",
                table: "tb_polling_manual_item",
                columns: new[] { "trigger_id", "state", "account_id", "card_id" },
                filter: "state < 2");

            migrationBuilder.CreateIndex(
                name: "ix_tb_polling_manual_trigger_finished_at",
                table: "tb_polling_manual_trigger",
                column: "finished_at");

            migrationBuilder.CreateIndex(
                name: "ix_tb_polling_manual_trigger_open",
                table: "tb_polling_manual_trigger",
                column: "id",
                filter: "finished_at IS NULL");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "tb_polling_manual_item");

            migrationBuilder.DropTable(
                name: "tb_polling_manual_trigger");
        }
    }
}
