using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Polling.Core.Persistence.Migrations
{
    /// <inheritdoc />
    public partial class SuspensionWindow : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.CreateIndex(
                name: "ix_tb_suspension_account_id_sent_at",
                table: "tb_suspension",
                columns: new[] { "account_id", "sent_at" },
                filter: "sent_at IS NOT NULL");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropIndex(
                name: "ix_tb_suspension_account_id_sent_at",
                table: "tb_suspension");
        }
    }
}
