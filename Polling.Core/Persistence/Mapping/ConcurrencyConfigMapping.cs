using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using Polling.Core.Configuration;

namespace Polling.Core.Persistence.Mapping;

/// <remarks>The table itself is made by hand-written SQL (see <see cref="Migrations.ConfigurationTables"/>): keep both alike.</remarks>
internal sealed class ConcurrencyConfigMapping : IEntityTypeConfiguration<ConcurrencyConfig>
{
    public void Configure(EntityTypeBuilder<ConcurrencyConfig> builder)
    {
        builder.ToTable("tb_polling_concurrency_config");
        builder.Property(config => config.TaskType).HasTaskTypeName();
        builder.Property(config => config.CreatedAt).HasDefaultValueSql("now()");
        builder.Property(config => config.UpdatedAt).HasDefaultValueSql("now()");
        builder.HasIndex(config => config.TaskType).IsUnique();
    }
}
