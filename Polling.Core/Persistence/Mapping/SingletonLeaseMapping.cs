using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Polling.Core.Persistence.Mapping;

internal sealed class SingletonLeaseMapping : IEntityTypeConfiguration<SingletonLeaseRow>
{
    public void Configure(EntityTypeBuilder<SingletonLeaseRow> builder)
    {
        builder.ToTable("tb_singleton_lease");
        builder.HasKey(lease => lease.Name);
        builder.Property(lease => lease.Name).HasMaxLength(100);
    }
}
