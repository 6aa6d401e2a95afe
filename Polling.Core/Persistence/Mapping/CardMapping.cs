using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using Polling.Core.Cards;
using Polling.Core.Carriers;

namespace Polling.Core.Persistence.Mapping;

internal sealed class CardMapping : IEntityTypeConfiguration<Card>
{
    public void Configure(EntityTypeBuilder<Card> builder)
    {
        builder.ToTable("tb_card", table =>
        {
            table.HasCheckConstraint("ck_tb_card_id", $"id BETWEEN 1 AND {Card.IdMax}");
            table.HasCheckConstraint("ck_tb_card_status", "status BETWEEN 0 AND 3");
            table.HasCheckConstraint("ck_tb_card_real_name_status", "real_name_status IN (0, 1)");
        });

        // Room on each page lets a change of status or version stay on it (HOT) and leave the indexes alone.
        builder.HasStorageParameter("fillfactor", 90);
        builder.Property(card => card.Id).HasIdentityOptions(maxValue: Card.IdMax);

        // Collation C, so that the unique index serves prefixes and order too.
        builder.Property(card => card.Iccid).HasMaxLength(20).UseCollation("C");
        builder.Property(card => card.Msisdn).HasMaxLength(20);
        builder.Property(card => card.Imsi).HasMaxLength(15);
        builder.Property(card => card.Status).HasConversion<short>();
        builder.Property(card => card.RealNameStatus).HasConversion<short>();
        builder.Property(card => card.RowVersion).HasDefaultValue(1L);
        builder.Property(card => card.CreatedAt).HasDefaultValueSql("now()");
        builder.Property(card => card.UpdatedAt).HasDefaultValueSql("now()");

        builder.HasIndex(card => card.Iccid).IsUnique();
        builder.HasIndex(card => card.Msisdn).HasFilter("msisdn IS NOT NULL");
        builder.HasIndex(card => new { card.CarrierId, card.Id });
        builder.HasIndex(card => new { card.AccountId, card.Id });

        // Only the rare values are worth an index: most cards are active, and most of those are real-named.
        builder.HasIndex(card => new { card.Status, card.Id }).HasFilter("status <> 1");
        builder.HasIndex(card => new { card.RealNameStatus, card.Id }).HasFilter("real_name_status = 0");

        builder.HasIndex(card => new { card.PoolId, card.Id }).HasFilter("pool_id IS NOT NULL");
        builder.HasIndex(card => new { card.PackageId, card.Id }).HasFilter("package_id IS NOT NULL");

        builder.HasOne<CarrierAccount>().WithMany()
            .HasForeignKey(card => new { card.CarrierId, card.AccountId })
            .HasPrincipalKey(account => new { account.CarrierId, account.Id })
            .OnDelete(DeleteBehavior.Restrict);
    }
}
