using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using Polling.Core.Alerts;

namespace Polling.Core.Persistence.Mapping;

internal sealed class AlertDeliveryMapping : IEntityTypeConfiguration<AlertDelivery>
{
    public void Configure(EntityTypeBuilder<AlertDelivery> builder)
    {
        builder.ToTable("tb_polling_alert_delivery");
        builder.Property(delivery => delivery.MessageId).HasMaxLength(64);
        builder.Property(delivery => delivery.Notice).HasColumnType("jsonb");
        builder.Property(delivery => delivery.State).HasConversion<short>();
        builder.HasOne<AlertHistoryEntry>().WithMany().HasForeignKey(delivery => delivery.HistoryId).OnDelete(DeleteBehavior.Cascade);
        builder.HasIndex(delivery => delivery.HistoryId);
        builder.HasIndex(delivery => delivery.NextAttemptAt).HasFilter("state = 0");
    }
}
