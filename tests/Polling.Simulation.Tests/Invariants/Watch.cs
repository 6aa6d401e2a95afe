using Polling.Core.Cards;
using Polling.Core.Queue.Claims;
using Polling.Core.Queue.Completion;
using Polling.Core.Queue.Facts;
using Polling.Simulation.Tests.World;

namespace Polling.Simulation.Tests.Invariants;

/// <summary>Sees every claim, call, commit and completion at the moment it happens, and notes what must not be.</summary>
internal sealed class Watch(SimulatedWorld world)
{
    private readonly Dictionary<long, (string Call, long Epoch, long EndsMs)> _holders = [];
    private readonly Dictionary<long, (long Epoch, long Token)> _tokens = [];
    private readonly HashSet<(long Card, long DueMs)> _completed = [];
    // Due times that are requests' times: a request that was refused once may be answered twice, polled and by hand.
    private readonly HashSet<(long Card, long DueMs)> _byHand = [];
    private readonly Dictionary<long, long> _notBefore = [];
    private readonly Dictionary<long, long> _lostUntil = [];

    public List<string> Violations { get; } = [];

    public long Sent { get; private set; }

    public long Adopted { get; private set; }

    public long Completed { get; private set; }

    /// <summary>From this moment on lateness is measured, Unix ms.</summary>
    public long MeasureFromMs { get; set; } = long.MaxValue;

    /// <summary>Told of each card that is asked, and when, Unix ms.</summary>
    public Action<long, long>? Sending { get; set; }

    public long LatestMs { get; private set; }

    /// <summary>Cards that one is bound to miss for a while: somebody deleted them, or Redis lost everything.</summary>
    public void Lose(IEnumerable<long> cards, long untilMs)
    {
        foreach (var card in cards)
        {
            _lostUntil[card] = untilMs;
            _holders.Remove(card);
        }
    }

    /// <summary>Nothing is known any more of when the card was asked: it was asked for by hand, moved, or given a place again.</summary>
    public void MayBeAsked(long card) => _notBefore.Remove(card);

    /// <summary>The audit gave cards a place again, some or all of these.</summary>
    public void Adopt(int adopted, IEnumerable<CardFacts> cards)
    {
        if (adopted > 0)
        {
            Adopted += adopted;
            foreach (var card in cards)
            {
                MayBeAsked(card.CardId);
            }
        }
    }

    /// <summary>Cards of an account may be asked by other intervals.</summary>
    public void IntervalsChanged(int account)
    {
        foreach (var card in world.Database.Cards.Where(card => card.Account == account && _notBefore.ContainsKey(card.Id)))
        {
            _notBefore[card.Id] = Math.Min(_notBefore[card.Id], card.CheckedMs + world.LeastIntervalMsOf(card) / 2);
        }
    }

    public void Claim(ClaimReply reply)
    {
        if (reply.Calls.Count > 0 && reply.PermitsHeld > reply.PermitsAllowed)
        {
            Note($"{reply.PermitsHeld} permits are held of {reply.PermitsAllowed}, and {reply.Calls.Count} calls were handed out");
        }

        foreach (var call in reply.Calls)
        {
            for (var i = 0; i < call.Triggers.Count; i++)
            {
                if (call.Triggers[i] is not null)
                {
                    MayBeAsked(call.Cards[i].CardId);
                    _byHand.Add((call.Cards[i].CardId, call.Cards[i].DueMs));
                }
            }
        }

        // A replay brings the same calls, and lengthens nothing.
        foreach (var call in reply.Calls.Where(c => !c.Cards.Any(card => _holders.TryGetValue(card.CardId, out var holder) && holder.Call == c.Id)))
        {
            foreach (var card in call.Cards)
            {
                if (_holders.TryGetValue(card.CardId, out var holder) && holder.EndsMs > world.NowMs && holder.Epoch == call.Epoch)
                {
                    Note($"card {card.CardId} is claimed by {call.Id}, and held by {holder.Call} until {holder.EndsMs}");
                }

                var token = (call.Epoch, call.Token);
                if (_tokens.TryGetValue(card.CardId, out var known) && known.CompareTo(token) > 0)
                {
                    Note($"card {card.CardId} is claimed with the token {token} after {known}");
                }

                _tokens[card.CardId] = token;
                _holders[card.CardId] = (call.Id, call.Epoch, world.NowMs + (long)world.Options.Lease.TotalMilliseconds);
            }
        }
    }

    public void Renew(ClaimedCall call)
    {
        foreach (var card in call.Cards.Where(c => Holds(call, c.CardId)))
        {
            _holders[card.CardId] = (call.Id, call.Epoch, world.NowMs + (long)world.Options.Lease.TotalMilliseconds);
        }
    }

    public void Return(ClaimedCall call) => LetGo(call);

    public void Send(ClaimedCall call, IEnumerable<DueCard> cards)
    {
        Sent++;
        foreach (var card in cards)
        {
            Sending?.Invoke(card.CardId, world.NowMs);
            if (Holds(call, card.CardId) && _notBefore.TryGetValue(card.CardId, out var from) && world.NowMs < from)
            {
                Note($"card {card.CardId} is asked by {call.Id} for {card.DueMs}, {from - world.NowMs} ms before half an interval is over");
            }

            if (world.NowMs >= MeasureFromMs)
            {
                LatestMs = Math.Max(LatestMs, world.NowMs - card.DueMs);
            }
        }
    }

    public void Commit(CardRecord card, long dueMs)
    {
        if (_completed.Contains((card.Id, dueMs)) && !_byHand.Contains((card.Id, dueMs)))
        {
            Note($"the result of card {card.Id} for {dueMs} counted again after it was completed");
        }
    }

    public void Complete(ClaimedCall call, IEnumerable<CompletedCard> cards, Func<long, long> intervalMsOf)
    {
        LetGo(call);
        foreach (var card in cards.Where(c => c.Outcome == CardOutcome.Checked))
        {
            Completed++;
            var dueMs = call.Cards.First(c => c.CardId == card.CardId).DueMs;
            if (!_completed.Add((card.CardId, dueMs)) && !_byHand.Contains((card.CardId, dueMs)))
            {
                Note($"card {card.CardId} was completed twice for {dueMs}");
            }

            _notBefore[card.CardId] = world.NowMs + intervalMsOf(card.CardId) / 2;
        }
    }

    /// <summary>Redis has lost everything: what is asked from now on is told by the rows.</summary>
    public void Forget()
    {
        _holders.Clear();
        _notBefore.Clear();
        foreach (var card in world.Database.Cards.Where(c => c.CheckedMs > 0))
        {
            _notBefore[card.Id] = card.CheckedMs + world.LeastIntervalMsOf(card) / 2;
        }
    }

    /// <summary>Each card that is polled is in exactly one place, and none is in two.</summary>
    public async Task LookAsync()
    {
        var places = await PlacesAsync();
        foreach (var card in world.Database.Cards)
        {
            var found = places[card.Id].ToArray();
            var mayBeNowhere = card.Status == CardStatus.Terminated || _lostUntil.GetValueOrDefault(card.Id) > world.NowMs;
            if (found.Length > 1 || (found.Length == 0 && !mayBeNowhere))
            {
                Note($"card {card.Id} of account {card.Account} is in {found.Length} places: {string.Join(", ", found)}");
            }
        }
    }

    /// <summary>Every place of every card; a call without a lease is none: nobody can end it.</summary>
    public async Task<ILookup<long, string>> PlacesAsync()
    {
        var (database, keys, type) = (world.Redis.Database, world.Redis.Keys, SimulatedWorld.Type);
        var places = new List<(long Card, string Place)>();
        foreach (var account in world.Accounts.Keys)
        {
            places.AddRange((await database.SortedSetRangeByRankAsync(keys.Schedule(type, account))).Select(c => ((long)c, $"schedule {account}")));
        }

        places.AddRange((await database.SortedSetRangeByRankAsync(keys.Queue(type))).Select(c => ((long)c, "queue")));
        places.AddRange((await database.SortedSetRangeByRankAsync(keys.Quarantine(type))).Select(c => ((long)c, "quarantine")));
        var leases = (await database.SortedSetRangeByRankAsync(keys.Leases(type))).ToHashSet();
        foreach (var call in (await database.HashGetAllAsync(keys.Calls(type))).Where(c => leases.Contains(c.Name)))
        {
            places.AddRange(ClaimedCall.Parse(type, 0, 0, call.Name!, call.Value!).Cards.Select(c => (c.CardId, $"lease {call.Name}")));
        }

        return places.ToLookup(p => p.Card, p => p.Place);
    }

    public void Note(string what)
    {
        Violations.Add($"{world.Loop.NowUs}: {what}");
        world.Log("watch", what);
    }

    private bool Holds(ClaimedCall call, long card) =>
        _holders.TryGetValue(card, out var holder) && holder.Call == call.Id && holder.EndsMs > world.NowMs;

    private void LetGo(ClaimedCall call)
    {
        foreach (var card in call.Cards)
        {
            if (_holders.TryGetValue(card.CardId, out var holder) && holder.Call == call.Id)
            {
                _holders.Remove(card.CardId);
            }
        }
    }
}
