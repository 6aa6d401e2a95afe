using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using Polling.Core.Persistence.Results;

namespace Polling.Core.Persistence.Mapping;

internal sealed class PoisonResultMapping : IEntityTypeConfiguration<PoisonResult>
{
    public void Configure(EntityTypeBuilder<PoisonResult> builder)
    {
        builder.ToTable("tb_poison_result");
        builder.Property(result => result.TaskType).HasConversion<short>();
        builder.Property(result => result.Payload).HasColumnType("jsonb");
        builder.Property(result => result.CreatedAt).HasDefaultValueSql("now()");
    }
}
