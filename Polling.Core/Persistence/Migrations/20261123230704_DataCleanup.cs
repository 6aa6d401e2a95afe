using System;
using Microsoft.EntityFrameworkCore.Migrations;
using Npgsql.EntityFrameworkCore.PostgreSQL.Metadata;

#nullable disable

namespace Polling.Core.Persistence.Migrations
{
    /// <inheritdoc />
    public partial class DataCleanup : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            CleanupTables.CreateConfig(migrationBuilder);
            CleanupTables.SeedConfig(migrationBuilder);

            migrationBuilder.CreateTable(
                name: "tb_data_cleanup_run",
                columns: table => new
                {
                    id = table.Column<long>(type: "bigint", nullable: false)
                        .Annotation("Npgsql:ValueGenerationStrategy", NpgsqlValueGenerationStrategy.IdentityByDefaultColumn),
                    state = table.Column<short>(type: "smallint", nullable: false),
                    is_scheduled = table.Column<bool>(type: "boolean", nullable: false),
                    requested_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    started_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true),
                    cancel_requested_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true),
                    finished_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_tb_data_cleanup_run", x => x.id);
                });

            migrationBuilder.CreateTable(
                name: "tb_data_cleanup_step",
                columns: table => new
                {
                    run_id = table.Column<long>(type: "bigint", nullable: false),
                    config_id = table.Column<int>(type: "integer", nullable: false),
                    dataset = table.Column<string>(type: "text", nullable: false),
                    state = table.Column<short>(type: "smallint", nullable: false),
                    cutoff = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    total = table.Column<long>(type: "bigint", nullable: false),
                    removed = table.Column<long>(type: "bigint", nullable: false),
                    dropped_partitions = table.Column<string[]>(type: "text[]", nullable: false),
                    batch_size = table.Column<int>(type: "integer", nullable: false),
                    cursor = table.Column<string>(type: "text", nullable: true),
                    reason = table.Column<string>(type: "text", nullable: true),
                    updated_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    finished_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_tb_data_cleanup_step", x => new { x.run_id, x.config_id });
                    table.ForeignKey(
                        name: "fk_tb_data_cleanup_step_tb_data_cleanup_run_run_id",
                        column: x => x.run_id,
                        principalTable: "tb_data_cleanup_run",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateIndex(
                name: "ix_tb_data_cleanup_run_finished_at",
                table: "tb_data_cleanup_run",
                column: "finished_at");

            CleanupTables.CreateGuards(migrationBuilder);
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "tb_data_cleanup_plan");

            migrationBuilder.DropTable(
                name: "tb_data_cleanup_config");

            migrationBuilder.DropTable(
                name: "tb_data_cleanup_step");

            migrationBuilder.DropTable(
                name: "tb_data_cleanup_run");
        }
    }
}
