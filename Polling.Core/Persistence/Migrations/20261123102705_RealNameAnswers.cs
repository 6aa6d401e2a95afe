using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Polling.Core.Persistence.Migrations
{
    /// <inheritdoc />
    public partial class RealNameAnswers : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<short>(
                name: "previous_real_name_status",
                table: "tb_card_poll",
                type: "smallint",
                nullable: true);

            migrationBuilder.AddColumn<short>(
                name: "real_name_status",
                table: "tb_card_poll",
                type: "smallint",
                nullable: true);
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropColumn(
                name: "previous_real_name_status",
                table: "tb_card_poll");

            migrationBuilder.DropColumn(
                name: "real_name_status",
                table: "tb_card_poll");
        }
    }
}
