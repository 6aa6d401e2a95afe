using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Polling.Core.Persistence.Migrations
{
    /// <inheritdoc />
    public partial class PoolAccounts : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            // Its cards would have kept the account: such a pool has none.
            migrationBuilder.Sql("DELETE FROM tb_usage_pool p WHERE NOT EXISTS (SELECT 1 FROM tb_carrier_account a WHERE a.id = p.account_id);");
            migrationBuilder.AddForeignKey(
                name: "fk_tb_usage_pool_tb_carrier_account_account_id",
                table: "tb_usage_pool",
                column: "account_id",
                principalTable: "tb_carrier_account",
                principalColumn: "id",
                onDelete: ReferentialAction.Restrict);
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropForeignKey(
                name: "fk_tb_usage_pool_tb_carrier_account_account_id",
                table: "tb_usage_pool");
        }
    }
}
