using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using Polling.Core.Cards;

namespace Polling.Core.Persistence.Mapping;

/// <remarks>EF knows no partitions: the migration makes the table by SQL (<c>UsageTables</c>), as it is described here.</remarks>
internal sealed class UsageRecordMapping : IEntityTypeConfiguration<UsageRecord>
{
    public void Configure(EntityTypeBuilder<UsageRecord> builder)
    {
        builder.ToTable("tb_usage_record");

        // The key must have the partition's column; no other index, as every poll adds a row.
        builder.HasKey(record => new { record.CardId, record.TaskType, record.ScheduledAt });
        builder.Property(record => record.Id).UseIdentityByDefaultColumn();
        builder.Property(record => record.TaskType).HasConversion<short>();
        builder.ToTable(table => table.HasCheckConstraint("ck_tb_usage_record_used_bytes", "used_bytes >= 0"));
    }
}
