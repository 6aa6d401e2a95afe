using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using Polling.Core.ManualTriggers;

namespace Polling.Core.Persistence.Mapping;

internal sealed class ManualTriggerMapping : IEntityTypeConfiguration<ManualTrigger>
{
    public void Configure(EntityTypeBuilder<ManualTrigger> builder)
    {
        builder.ToTable("tb_polling_manual_trigger");
        builder.Property(trigger => trigger.TaskType).HasTaskTypeName();
        builder.Property(trigger => trigger.Kind).HasConversion<short>();
        builder.Property(trigger => trigger.Condition).HasColumnType("jsonb");

        // What schedulers ask for several times a second: the few that are under way.
        builder.HasIndex(trigger => trigger.Id).HasFilter("finished_at IS NULL").HasDatabaseName("ix_tb_polling_manual_trigger_open");
        builder.HasIndex(trigger => trigger.FinishedAt);
    }
}

internal sealed class ManualItemMapping : IEntityTypeConfiguration<ManualItem>
{
    public void Configure(EntityTypeBuilder<ManualItem> builder)
    {
        builder.ToTable("tb_polling_manual_item");
        builder.HasKey(item => new { item.TriggerId, item.CardId });
        builder.Property(item => item.State).HasConversion<short>();
        builder.Property(item => item.Reason).HasMaxLength(32);

        // What is still to be done of a trigger, by account; it shrinks to nothing.
        builder.HasIndex(item => new { item.TriggerId, item.State, item.AccountId, item.CardId }).HasFilter("state < 2")
            .HasDatabaseName("ix_tb_polling_manual_item_open");
    }
}
