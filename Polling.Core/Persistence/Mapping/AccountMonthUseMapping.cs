using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using Polling.Core.Carriers;

namespace Polling.Core.Persistence.Mapping;

internal sealed class AccountMonthUseMapping : IEntityTypeConfiguration<AccountMonthUse>
{
    public void Configure(EntityTypeBuilder<AccountMonthUse> builder)
    {
        builder.ToTable("tb_account_month_use");
        builder.HasKey(use => new { use.AccountId, use.Month });
        builder.HasOne<CarrierAccount>().WithMany().HasForeignKey(use => use.AccountId).OnDelete(DeleteBehavior.Cascade);
    }
}
