using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using Polling.Core.Cards;

namespace Polling.Core.Persistence.Mapping;

internal sealed class CardPackageMapping : IEntityTypeConfiguration<CardPackage>
{
    public void Configure(EntityTypeBuilder<CardPackage> builder)
    {
        builder.ToTable("tb_card_package", table => table.HasCheckConstraint("ck_tb_card_package_bytes", "allowance_bytes >= 0 AND used_bytes >= 0"));

        // Rewritten at each poll, as tb_card_poll is: with room on the page and no index besides the key, each update is HOT.
        builder.HasStorageParameter("fillfactor", 50);
        builder.HasKey(package => package.CardId);
        builder.Property(package => package.CardId).ValueGeneratedNever();
        builder.Property(package => package.PackageCode).HasMaxLength(CardPackage.PackageCodeLengthMax);
    }
}
