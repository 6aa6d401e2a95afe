using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using Polling.Core.Carriers;
using Polling.Core.Packages;

namespace Polling.Core.Persistence.Mapping;

internal sealed class PackageMapping : IEntityTypeConfiguration<Package>
{
    public void Configure(EntityTypeBuilder<Package> builder)
    {
        builder.ToTable("tb_package", table =>
        {
            table.HasCheckConstraint("ck_tb_package_bytes", "allowance_bytes >= 0 AND real_name_above_bytes >= 0");
            table.HasCheckConstraint("ck_tb_package_percent", "limit_percent BETWEEN 1 AND 1000 AND warn_percent BETWEEN 1 AND 1000");
        });
        builder.Property(package => package.Code).HasMaxLength(Package.CodeLengthMax);
        builder.Property(package => package.Name).HasMaxLength(Package.NameLengthMax);
        builder.Property(package => package.LimitPercent).HasDefaultValue((short)100);
        builder.Property(package => package.WarnPercent).HasDefaultValue((short)80);
        builder.Property(package => package.RowVersion).HasDefaultValue(1L);
        builder.Property(package => package.CreatedAt).HasDefaultValueSql("now()");
        builder.Property(package => package.UpdatedAt).HasDefaultValueSql("now()");
        builder.HasIndex(package => package.Code).IsUnique();
    }
}

internal sealed class UsagePoolMapping : IEntityTypeConfiguration<UsagePool>
{
    public void Configure(EntityTypeBuilder<UsagePool> builder)
    {
        builder.ToTable("tb_usage_pool", table => table.HasCheckConstraint("ck_tb_usage_pool_bytes", "allowance_bytes >= 0"));
        builder.Property(pool => pool.Code).HasMaxLength(Package.CodeLengthMax);
        builder.Property(pool => pool.Name).HasMaxLength(Package.NameLengthMax);
        builder.Property(pool => pool.RowVersion).HasDefaultValue(1L);
        builder.Property(pool => pool.CreatedAt).HasDefaultValueSql("now()");
        builder.Property(pool => pool.UpdatedAt).HasDefaultValueSql("now()");
        builder.HasIndex(pool => pool.Code).IsUnique();
        builder.HasOne<CarrierAccount>().WithMany().HasForeignKey(pool => pool.AccountId).OnDelete(DeleteBehavior.Restrict);
    }
}

internal sealed class UsagePoolCycleMapping : IEntityTypeConfiguration<UsagePoolCycle>
{
    public void Configure(EntityTypeBuilder<UsagePoolCycle> builder)
    {
        builder.ToTable("tb_usage_pool_cycle");
        builder.HasStorageParameter("fillfactor", 50);
        builder.HasKey(cycle => new { cycle.PoolId, cycle.Cycle });
        builder.Property(cycle => cycle.PoolId).ValueGeneratedNever();
    }
}

internal sealed class PackageAddonMapping : IEntityTypeConfiguration<PackageAddon>
{
    public void Configure(EntityTypeBuilder<PackageAddon> builder)
    {
        builder.ToTable("tb_package_addon", table => table.HasCheckConstraint(
            "ck_tb_package_addon", "num_nonnulls(card_id, pool_id) = 1 AND allowance_bytes > 0"));
        builder.Property(addon => addon.Reference).HasMaxLength(100);
        builder.Property(addon => addon.CreatedAt).HasDefaultValueSql("now()");
        builder.HasIndex(addon => addon.Reference).IsUnique();
        builder.HasIndex(addon => new { addon.CardId, addon.Cycle }).HasFilter("card_id IS NOT NULL");
        builder.HasIndex(addon => new { addon.PoolId, addon.Cycle }).HasFilter("pool_id IS NOT NULL");
    }
}
