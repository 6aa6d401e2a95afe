using Microsoft.EntityFrameworkCore;
using Polling.Core.Cards;
using Polling.Core.Configuration;
using Polling.Core.Persistence.Results;

namespace Polling.Executor.Tests.Results;

/// <summary>A result that PostgreSQL refuses for what it says costs nobody else theirs.</summary>
public sealed class PoisonTests : IAsyncLifetime
{
    private const int Many = ResultDatabase.CopyFromRows + 50;
    private ResultDatabase _database = null!;

    public async ValueTask InitializeAsync() => _database = await ResultDatabase.StartAsync(Many);

    public ValueTask DisposeAsync() => _database.DisposeAsync();

    public static TheoryData<string, int> Poisons()
    {
        var data = new TheoryData<string, int>();
        foreach (var poison in (string[])["constraint", "too long", "not a text", "half a pair", "error code"])
        {
            data.Add(poison, 5);
            data.Add(poison, Many);
        }

        return data;
    }

    [Theory]
    [MemberData(nameof(Poisons))]
    public async Task It_is_kept_aside_its_card_has_failed_and_the_others_are_committed(string poison, int cards)
    {
        CardResult[] batch = [.. Enumerable.Range(0, cards).Select(i => _database.Usage(i, token: 10, usedBytes: i)), Poison(poison, card: 3)];
        var committed = await _database.CommitAsync(batch);

        Assert.Equal(cards + 1, committed.AcceptedCount);
        Assert.True(committed.IsPoisoned(TaskType.Package, _database.Cards[3]));
        Assert.False(committed.IsPoisoned(TaskType.Carddata, _database.Cards[3]));
        await AssertKeptOnceAsync(cards);

        // The answer was lost, the batch comes again.
        await _database.CommitAsync(batch);
        await AssertKeptOnceAsync(cards);
    }

    [Fact]
    public async Task Several_in_a_batch_are_all_found()
    {
        var committed = await _database.CommitAsync(
            [.. Enumerable.Range(0, Many).Select(i => i % 50 == 7 ? Poison("too long", i) : _database.Package(i, token: 10, "M30"))]);
        Assert.Equal(Many, committed.AcceptedCount);
        await using var context = _database.Context();
        Assert.Equal(Many / 50, await context.PoisonResults.CountAsync(Stop));
        Assert.Equal(Many - Many / 50, await context.CardPackages.CountAsync(Stop));
    }

    [Fact]
    public async Task When_every_row_is_refused_it_is_a_mistake_of_ours_and_is_told()
    {
        await Assert.ThrowsAsync<Npgsql.PostgresException>(
            () => _database.CommitAsync([.. Enumerable.Range(0, Many).Select(i => Poison("constraint", i))]));
    }

    private async Task AssertKeptOnceAsync(int cards)
    {
        await using var context = _database.Context();
        var kept = await context.PoisonResults.SingleAsync(Stop);
        Assert.Equal(TaskType.Package, kept.TaskType);
        Assert.Contains($"\"card_id\": {_database.Cards[3]}", kept.Payload, StringComparison.Ordinal);
        Assert.NotEmpty(kept.Reason);
        var poll = await context.CardPolls.SingleAsync(p => p.TaskType == TaskType.Package, Stop);
        Assert.Equal((PollOutcome.CardError, ResultStore.PoisonCode, 1), (poll.Outcome, poll.ErrorCode, poll.ConsecutiveFailures));
        Assert.Equal(0, await context.CardPackages.CountAsync(Stop));
        Assert.Equal(cards, await context.UsageRecords.CountAsync(Stop));
    }

    private CardResult Poison(string poison, int card)
    {
        var result = _database.Package(card, token: 10, poison switch
        {
            "too long" => new string('x', 65),
            "not a text" => "a\0b",
            "half a pair" => "a\uD800b",
            _ => "M30",
        }, allowanceBytes: poison == "constraint" ? -1 : 1);
        return poison == "error code"
            ? result with { Outcome = PollOutcome.CardError, ErrorCode = "\0", Payload = null }
            : result;
    }

    private static CancellationToken Stop => TestContext.Current.CancellationToken;
}
