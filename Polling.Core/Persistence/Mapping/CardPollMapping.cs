using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using Polling.Core.Cards;

namespace Polling.Core.Persistence.Mapping;

internal sealed class CardPollMapping : IEntityTypeConfiguration<CardPoll>
{
    public void Configure(EntityTypeBuilder<CardPoll> builder)
    {
        builder.ToTable("tb_card_poll");

        // Rewritten at each poll: with room on the page and no index besides the key, each update is HOT.
        builder.HasStorageParameter("fillfactor", 80);
        builder.HasKey(poll => new { poll.CardId, poll.TaskType });
        builder.Property(poll => poll.TaskType).HasConversion<short>();
        builder.Property(poll => poll.Outcome).HasConversion<short>();
        builder.Property(poll => poll.RealNameStatus).HasConversion<short?>();
        builder.Property(poll => poll.PreviousRealNameStatus).HasConversion<short?>();
        builder.Property(poll => poll.ErrorCode).HasMaxLength(32);
    }
}
