using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using Polling.Core.Suspensions;

namespace Polling.Core.Persistence.Mapping;

internal sealed class SuspensionMapping : IEntityTypeConfiguration<Suspension>
{
    public void Configure(EntityTypeBuilder<Suspension> builder)
    {
        builder.ToTable("tb_suspension");
        builder.Property(row => row.Action).HasConversion<short>();
        builder.Property(row => row.Rule).HasConversion<short>();
        builder.Property(row => row.State).HasConversion<short>();
        builder.Property(row => row.CreatedAt).HasDefaultValueSql("now()");
        builder.Property(row => row.NextAttemptAt).HasDefaultValueSql("now()");

        // One suspension of an episode; a resume and what a person asks for are told apart by their own rules.
        builder.HasIndex(row => new { row.CardId, row.Rule, row.Cycle, row.Episode, row.Action }).IsUnique();

        // What is not ended: few rows, looked at all the time.
        builder.HasIndex(row => new { row.NextAttemptAt, row.Id }).HasFilter("state < 10");
        builder.HasIndex(row => new { row.AccountId, row.CreatedAt });

        // What the breaker counts for each suspension, under its lock: those of its window, out of all that ever were.
        builder.HasIndex(row => new { row.AccountId, row.SentAt }).HasFilter("sent_at IS NOT NULL");
    }
}

internal sealed class CardStopMapping : IEntityTypeConfiguration<CardStop>
{
    public void Configure(EntityTypeBuilder<CardStop> builder)
    {
        builder.ToTable("tb_card_stop");
        builder.HasKey(stop => stop.CardId);
        builder.Property(stop => stop.CardId).ValueGeneratedNever();
        builder.Property(stop => stop.StoppedBy).HasConversion<short?>();
        builder.Property(stop => stop.Episode).HasDefaultValue(1);
    }
}

internal sealed class SuspensionExemptionMapping : IEntityTypeConfiguration<SuspensionExemption>
{
    public void Configure(EntityTypeBuilder<SuspensionExemption> builder)
    {
        builder.ToTable("tb_suspension_exemption");
        builder.HasKey(exemption => exemption.CardId);
        builder.Property(exemption => exemption.CardId).ValueGeneratedNever();
        builder.Property(exemption => exemption.CreatedAt).HasDefaultValueSql("now()");
    }
}

internal sealed class SuspensionBreakerMapping : IEntityTypeConfiguration<SuspensionBreaker>
{
    public void Configure(EntityTypeBuilder<SuspensionBreaker> builder)
    {
        builder.ToTable("tb_suspension_breaker");
        builder.HasKey(breaker => breaker.AccountId);
        builder.Property(breaker => breaker.AccountId).ValueGeneratedNever();
    }
}
