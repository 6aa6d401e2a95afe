using Polling.Core.Cards;
using Polling.Core.Carriers;
using Polling.Core.Persistence.Accounts;
using Polling.Core.Queue.Completion;
using Polling.Core.Queue.Facts;

namespace Polling.Simulation.Tests.World;

/// <summary>A card's row and its newest result.</summary>
internal sealed class CardRecord(long id, int account, RealNameStatus realName)
{
    public long Id { get; } = id;

    public int Account { get; set; } = account;

    public CardStatus Status { get; set; } = CardStatus.Active;

    public RealNameStatus RealName { get; set; } = realName;

    public long Version { get; set; } = 1;

    /// <summary>When it was last checked, Unix ms; 0 = never, or the last check failed.</summary>
    public long CheckedMs { get; set; }

    /// <summary>Fencing token of the newest result.</summary>
    public (long Epoch, long Token) Token { get; set; }

    public CardFacts Facts => new(Id, Account, Status, RealName, 0, Version, $"8986{Id:D16}");
}

/// <summary>A result to commit.</summary>
internal sealed record Reading(long CardId, long DueMs, CardOutcome Outcome, RealNameStatus? RealName);

/// <summary>PostgreSQL cannot be reached.</summary>
internal sealed class DatabaseAwayException() : Exception("PostgreSQL is away.");

/// <summary>
/// Stands in for PostgreSQL: the cards, and of each its newest result, by the rule of the real statement: a result counts only if no newer
/// fencing token has committed. The real statement has tests of its own.
/// </summary>
internal sealed class CardDatabase
{
    private readonly SortedDictionary<long, CardRecord> _cards = [];
    private readonly Dictionary<(long Card, long DueMs), (long Epoch, long Token)> _records = [];
    private readonly Dictionary<string, (string Who, long UntilMs)> _holders = [];
    private readonly Dictionary<(int Account, DateOnly Month), long> _months = [];
    private long _epoch = 6;

    public IReadOnlyCollection<CardRecord> Cards => _cards.Values;

    /// <summary>Until when it is away, Unix ms.</summary>
    public long AwayUntilMs { get; set; }

    /// <summary>One usage record for each card and due time.</summary>
    public IReadOnlyDictionary<(long Card, long DueMs), (long Epoch, long Token)> Records => _records;

    /// <summary>Results that a newer token had overtaken.</summary>
    public int Overtaken { get; private set; }

    public CardRecord this[long id] => _cards[id];

    public void Add(CardRecord card) => _cards.Add(card.Id, card);

    public void CheckReachable(long nowMs)
    {
        if (nowMs < AwayUntilMs)
        {
            throw new DatabaseAwayException();
        }
    }

    public long NextEpoch() => ++_epoch;

    /// <summary>A row lease: held by one at a time, free 15 s after its holder was last heard of.</summary>
    public bool TryHold(string what, string who, long nowMs)
    {
        if (_holders.TryGetValue(what, out var holder) && holder.Who != who && holder.UntilMs > nowMs)
        {
            return false;
        }

        _holders[what] = (who, nowMs + 15_000);
        return true;
    }

    /// <summary>The next block of a month's calls: 1 % of the budget, 100 at least; null = it is used up.</summary>
    public MonthBlock? ReserveMonth(CarrierAccount account, DateOnly month)
    {
        var budget = account.CallsPerMonth ?? 0;
        var used = _months.GetValueOrDefault((account.Id, month));
        var block = Math.Min(Math.Max(budget / 100, 100), budget - used);
        if (block <= 0)
        {
            return null;
        }

        _months[(account.Id, month)] = used + block;
        return new MonthBlock(block, used + block);
    }

    /// <summary>Commits a call's readings.</summary>
    /// <returns>The cards whose result counted.</returns>
    public List<CardRecord> Commit(IEnumerable<Reading> readings, (long Epoch, long Token) token, long checkedMs, long nowMs)
    {
        CheckReachable(nowMs);
        var accepted = new List<CardRecord>();
        foreach (var reading in readings)
        {
            var card = _cards[reading.CardId];
            if (card.Token.CompareTo(token) >= 0)
            {
                Overtaken += card.Token == token ? 0 : 1;
                continue;
            }

            card.Token = token;
            card.CheckedMs = reading.Outcome == CardOutcome.Checked ? checkedMs : 0;
            if (reading.RealName is { } realName)
            {
                if (card.RealName != realName)
                {
                    card.RealName = realName;
                    card.Version++;
                }

                _records[(card.Id, reading.DueMs)] = token;
            }

            accepted.Add(card);
        }

        return accepted;
    }
}
