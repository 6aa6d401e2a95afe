using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using Polling.Core.Cleanup;

namespace Polling.Core.Persistence.Mapping;

/// <remarks>The table itself is made by hand-written SQL (see <see cref="Migrations.CleanupTables"/>): keep both alike.</remarks>
internal sealed class CleanupConfigMapping : IEntityTypeConfiguration<CleanupConfig>
{
    public void Configure(EntityTypeBuilder<CleanupConfig> builder)
    {
        builder.ToTable("tb_data_cleanup_config");
        builder.Property(config => config.CreatedAt).HasDefaultValueSql("now()");
        builder.Property(config => config.UpdatedAt).HasDefaultValueSql("now()");
    }
}

internal sealed class CleanupRunMapping : IEntityTypeConfiguration<CleanupRun>
{
    public void Configure(EntityTypeBuilder<CleanupRun> builder)
    {
        builder.ToTable("tb_data_cleanup_run");
        builder.Property(run => run.State).HasConversion<short>();
        builder.HasIndex(run => run.FinishedAt);
        builder.HasMany(run => run.Steps).WithOne().HasForeignKey(step => step.RunId).OnDelete(DeleteBehavior.Cascade);
    }
}

internal sealed class CleanupStepMapping : IEntityTypeConfiguration<CleanupStep>
{
    public void Configure(EntityTypeBuilder<CleanupStep> builder)
    {
        builder.ToTable("tb_data_cleanup_step");
        builder.HasKey(step => new { step.RunId, step.ConfigId });
        builder.Property(step => step.State).HasConversion<short>();
    }
}
