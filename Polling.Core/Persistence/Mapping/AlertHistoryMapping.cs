using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using Polling.Core.Alerts;

namespace Polling.Core.Persistence.Mapping;

internal sealed class AlertHistoryMapping : IEntityTypeConfiguration<AlertHistoryEntry>
{
    public void Configure(EntityTypeBuilder<AlertHistoryEntry> builder)
    {
        builder.ToTable("tb_polling_alert_history");
        builder.Property(entry => entry.Kind).HasConversion<short>();

        // The newest first, of all or of one rule; and what clean-up looks for.
        builder.HasIndex(entry => entry.TriggeredAt);
        builder.HasIndex(entry => new { entry.RuleId, entry.TriggeredAt });
    }
}
