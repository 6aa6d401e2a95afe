using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using Polling.Core.Usage;

namespace Polling.Core.Persistence.Mapping;

internal sealed class UsageCycleMapping : IEntityTypeConfiguration<UsageCycle>
{
    public void Configure(EntityTypeBuilder<UsageCycle> builder)
    {
        builder.ToTable("tb_usage_cycle", table => table.HasCheckConstraint("ck_tb_usage_cycle_bytes", "used_bytes >= 0 AND last_bytes >= 0"));

        // Rewritten at each reading: with room on the page and no index on what changes, each update is HOT.
        builder.HasStorageParameter("fillfactor", 50);
        builder.HasKey(cycle => new { cycle.CardId, cycle.Cycle });
        builder.Property(cycle => cycle.CardId).ValueGeneratedNever();
        builder.Property(cycle => cycle.ClosedBy).HasConversion<short?>();
        builder.Property(cycle => cycle.CloseAttempts).HasDefaultValue(0);

        // What has ended and is not closed.
        builder.HasIndex(cycle => new { cycle.AccountId, cycle.Cycle, cycle.CardId }).HasFilter("closed_at IS NULL");
    }
}

/// <remarks>EF knows no partitions: the migration makes the table by SQL (<c>UsageTables</c>), as it is described here.</remarks>
internal sealed class UsageDayMapping : IEntityTypeConfiguration<UsageDay>
{
    public void Configure(EntityTypeBuilder<UsageDay> builder)
    {
        builder.ToTable("tb_usage_daily");
        builder.HasKey(day => new { day.CardId, day.Day });
        builder.Property(day => day.CardId).ValueGeneratedNever();
    }
}
