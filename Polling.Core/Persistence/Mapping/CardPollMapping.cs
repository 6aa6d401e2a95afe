using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using Polling.Core.Cards;

namespace Polling.Core.Persistence.Mapping;

internal sealed class CardPollMapping : IEntityTypeConfiguration<CardPoll>
{
    public void Configure(EntityTypeBuilder<CardPoll> builder)
    {
        builder.ToTable("tb_card_poll");

        // Rewritten at each poll, with no index besides the key: with room on the page each update is HOT. Cards that were written together are due together again,
        // so a whole page is rewritten at once, and needs room for all of its rows. Measured: at 80 per cent one update in four was HOT.
        builder.HasStorageParameter("fillfactor", 50);
        builder.HasKey(poll => new { poll.CardId, poll.TaskType });
        builder.Property(poll => poll.TaskType).HasConversion<short>();
        builder.Property(poll => poll.Outcome).HasConversion<short>();
        builder.Property(poll => poll.RealNameStatus).HasConversion<short?>();
        builder.Property(poll => poll.PreviousRealNameStatus).HasConversion<short?>();
        builder.Property(poll => poll.ErrorCode).HasMaxLength(32);
    }
}
