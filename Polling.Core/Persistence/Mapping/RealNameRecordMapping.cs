using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using Polling.Core.Cards;

namespace Polling.Core.Persistence.Mapping;

internal sealed class RealNameRecordMapping : IEntityTypeConfiguration<RealNameRecord>
{
    public void Configure(EntityTypeBuilder<RealNameRecord> builder)
    {
        builder.ToTable("tb_real_name_record");
        builder.Property(record => record.OldStatus).HasConversion<short>();
        builder.Property(record => record.NewStatus).HasConversion<short>();
        builder.HasIndex(record => new { record.CardId, record.ScheduledAt }).IsUnique();
    }
}
