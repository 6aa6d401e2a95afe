using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using Polling.Core.Carriers;

namespace Polling.Core.Persistence.Mapping;

internal sealed class CarrierMapping : IEntityTypeConfiguration<Carrier>
{
    public void Configure(EntityTypeBuilder<Carrier> builder)
    {
        builder.ToTable("tb_carrier");
        builder.Property(carrier => carrier.Code).HasMaxLength(Carrier.CodeLengthMax);
        builder.Property(carrier => carrier.Name).HasMaxLength(100);
        builder.Property(carrier => carrier.CreatedAt).HasDefaultValueSql("now()");
        builder.Property(carrier => carrier.UpdatedAt).HasDefaultValueSql("now()");
        builder.HasIndex(carrier => carrier.Code).IsUnique();
    }
}
