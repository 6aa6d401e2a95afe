using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using Polling.Core.Alerts.Rules;

namespace Polling.Core.Persistence.Mapping;

/// <remarks>The table itself is made by hand-written SQL (see <see cref="Migrations.AlertTables"/>): keep both alike.</remarks>
internal sealed class AlertRuleMapping : IEntityTypeConfiguration<AlertRule>
{
    public void Configure(EntityTypeBuilder<AlertRule> builder)
    {
        builder.ToTable("tb_polling_alert_rule");
        builder.Property(rule => rule.CreatedAt).HasDefaultValueSql("now()");
        builder.Property(rule => rule.UpdatedAt).HasDefaultValueSql("now()");
        builder.Ignore(rule => rule.NotifiesWebhook);
    }
}
