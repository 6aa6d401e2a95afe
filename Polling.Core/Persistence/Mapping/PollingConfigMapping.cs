using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using Polling.Core.Configuration;

namespace Polling.Core.Persistence.Mapping;

/// <remarks>The table itself is made by hand-written SQL (see <see cref="Migrations.ConfigurationTables"/>): keep both alike.</remarks>
internal sealed class PollingConfigMapping : IEntityTypeConfiguration<PollingConfig>
{
    public void Configure(EntityTypeBuilder<PollingConfig> builder)
    {
        builder.ToTable("tb_polling_config");
        builder.Property(config => config.Name).HasMaxLength(100);
        builder.Property(config => config.TaskType).HasTaskTypeName();
        builder.Property(config => config.CardStatus).HasConversion<short?>();
        builder.Property(config => config.RealNameStatus).HasConversion<short?>();
        builder.Property(config => config.Status).HasConversion<short>();
        builder.Property(config => config.CreatedAt).HasDefaultValueSql("now()");
        builder.Property(config => config.UpdatedAt).HasDefaultValueSql("now()");
        builder.Ignore(config => config.Specificity);
    }
}
