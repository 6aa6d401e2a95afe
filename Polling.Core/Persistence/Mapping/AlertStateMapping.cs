using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using Polling.Core.Alerts.Evaluation;

namespace Polling.Core.Persistence.Mapping;

internal sealed class AlertStateMapping : IEntityTypeConfiguration<AlertState>
{
    public void Configure(EntityTypeBuilder<AlertState> builder)
    {
        builder.ToTable("tb_polling_alert_state");
        builder.HasKey(state => new { state.RuleId, state.Subject });
        builder.Property(state => state.Status).HasConversion<short>();
    }
}
