using System.Collections.Concurrent;
using Microsoft.Extensions.Options;
using Polling.MockGateway.Calls;
using Polling.MockGateway.Control;
using Polling.MockGateway.Usage;

namespace Polling.MockGateway.Cards;

/// <summary>
/// Whether each card is active or stopped, and why; every change goes through here and is written down. A change with a key that has been carried out, or begun, for
/// the card is not carried out again: it gets the same answer.
/// </summary>
/// <remarks>A job is carried out when its time has come, by whoever looks at the card first.</remarks>
internal sealed class CardStates(Microseconds clock, StopLedger ledger, UsageQuantum quantum, BehaviourStore behaviour, IOptions<MockGatewayOptions> options)
{
    /// <summary>Who stops: we do.</summary>
    public const string Customer = "customer";

    /// <summary>The carrier does; only it can resume then.</summary>
    public const string Carrier = "carrier";

    /// <summary>A change of a card by a job bars the next one for so long.</summary>
    public const long BarUs = 300 * Microseconds.PerSecond;

    private readonly ConcurrentDictionary<CardId, Card> _cards = new();
    private readonly ConcurrentDictionary<string, CardJob> _jobs = new(StringComparer.Ordinal);
    private readonly long _seed = options.Value.Seed;
    private long _jobCount;

    /// <summary>The card's state now, and who stopped it.</summary>
    public (CardState State, string? StoppedBy) Of(CardId card)
    {
        if (!_cards.TryGetValue(card, out var known))
        {
            return (CardState.Active, null);
        }

        lock (known)
        {
            Settle(known, clock.Now);
            return (known.State, known.StoppedBy);
        }
    }

    /// <summary>For how long the card was not active between two moments, microseconds: it uses nothing then. Steps in which usage is counted are whole.</summary>
    public long IdleUs(CardId id, long fromUs, long toUs)
    {
        if (!_cards.TryGetValue(id, out var card))
        {
            return 0;
        }

        lock (card)
        {
            Settle(card, clock.Now);
            return card.IdleUs(fromUs, toUs, quantum);
        }
    }

    /// <summary>Stops or resumes a card at once.</summary>
    /// <returns>The carrier's code.</returns>
    public string Change(CardId id, ChangeRequest request)
    {
        var card = _cards.GetOrAdd(id, static id => new Card(id));
        lock (card)
        {
            var now = clock.Now;
            var repeated = request.Key is { } key && card.Keys.ContainsKey(key);
            var code = repeated ? CarrierStatus.Ok : card.Refusal(request.IsStop) ?? CarrierStatus.Ok;
            if (code == CarrierStatus.Ok && !repeated)
            {
                card.Set(request.IsStop, request.Key, "", now);
            }

            ledger.Append(id, request, now, code, repeated, null);
            return code;
        }
    }

    /// <summary>Begins a job that stops or resumes a card.</summary>
    /// <returns>The carrier's code, and the job when it is OK.</returns>
    public (string Code, string? JobId) Begin(CardId id, ChangeRequest request)
    {
        var card = _cards.GetOrAdd(id, static id => new Card(id));
        lock (card)
        {
            var now = clock.Now;
            Settle(card, now);
            if (request.Key is { } key && card.Keys.TryGetValue(key, out var known))
            {
                ledger.Append(id, request, now, CarrierStatus.Ok, repeated: true, known);
                return (CarrierStatus.Ok, known);
            }

            var code = card.BarredUntilUs > now ? CarrierStatus.WrongState : card.Refusal(request.IsStop);
            if (code is not null)
            {
                ledger.Append(id, request, now, code, repeated: false, null);
                return (code, null);
            }

            var number = Interlocked.Increment(ref _jobCount);
            var jobs = behaviour.Current.Jobs;
            var job = new CardJob(
                $"J{number:d10}", id, request, now, now + (long)(jobs.Seconds * Microseconds.PerSecond),
                SeededDraw.Of(_seed, SeededDraw.Purpose.FailedJob, id.High ^ id.Low, ++card.Jobs) < jobs.FailedShare);
            _jobs[job.Id] = job;
            card.Pending = job;
            card.BarredUntilUs = now + BarUs;
            if (request.Key is { } used)
            {
                card.Keys[used] = job.Id;
            }

            ledger.Append(id, request, now, StopLedger.Accepted, repeated: false, job.Id);
            return (CarrierStatus.Ok, job.Id);
        }
    }

    /// <summary>A job and whether it waits (0), runs (1), is done (2) or has failed (3); null: there is none of that name.</summary>
    public (CardJob Job, int Status)? FindJob(string jobId)
    {
        if (!_jobs.TryGetValue(jobId, out var job))
        {
            return null;
        }

        Of(job.Card);
        var now = clock.Now;
        return (job, now >= job.EndsUs ? (job.Fails ? 3 : 2) : now - job.BeganUs < (job.EndsUs - job.BeganUs) / 2 ? 0 : 1);
    }

    /// <summary>The carrier, or a person there, changes a card.</summary>
    public void Force(CardId id, CardState state, string stoppedBy)
    {
        var card = _cards.GetOrAdd(id, static id => new Card(id));
        lock (card)
        {
            Settle(card, clock.Now);
            card.Put(state, stoppedBy, clock.Now);
            ledger.Append(id, new("", "control", null, state == CardState.Stopped), clock.Now, StopLedger.Forced, repeated: false, null);
        }
    }

    /// <summary>Carries out every job whose time has come.</summary>
    public void SettleAll()
    {
        foreach (var job in _jobs.Values)
        {
            Of(job.Card);
        }
    }

    public void Reset()
    {
        _cards.Clear();
        _jobs.Clear();
        ledger.Reset();
    }

    private void Settle(Card card, long now)
    {
        if (card.Pending is not { } job || now < job.EndsUs)
        {
            return;
        }

        card.Pending = null;
        if (!job.Fails)
        {
            card.Set(job.Request.IsStop, job.Request.Key, job.Id, job.EndsUs);
        }
        else if (job.Request.Key is { } key)
        {
            // Nothing was done: the same key may be tried again.
            card.Keys.Remove(key);
        }

        ledger.Append(card.Id, job.Request, job.EndsUs, job.Fails ? StopLedger.Failed : CarrierStatus.Ok, repeated: false, job.Id);
    }

    private sealed class Card(CardId id)
    {
        public CardId Id { get; } = id;

        // Stretches that are over, in which it was not active.
        private readonly List<(long FromUs, long ToUs)> _idle = [];
        private long _changedUs;

        public CardState State { get; private set; }

        public string? StoppedBy { get; private set; }

        public CardJob? Pending { get; set; }

        public long BarredUntilUs { get; set; }

        /// <summary>Jobs that were begun.</summary>
        public long Jobs { get; set; }

        /// <summary>What was carried out or begun: by key, the job, or empty.</summary>
        public Dictionary<string, string> Keys { get; } = new(StringComparer.Ordinal);

        /// <summary>The code for what cannot be done; null: it can.</summary>
        public string? Refusal(bool isStop) => (isStop, State) switch
        {
            (true, CardState.Active) => null,
            (false, CardState.Stopped) => StoppedBy == Carrier ? CarrierStatus.ReasonForbids : null,
            _ => CarrierStatus.WrongState,
        };

        public void Set(bool isStop, string? key, string jobId, long atUs)
        {
            Put(isStop ? CardState.Stopped : CardState.Active, Customer, atUs);
            if (key is not null)
            {
                Keys[key] = jobId;
            }
        }

        public void Put(CardState state, string stoppedBy, long atUs)
        {
            if (State != CardState.Active && state == CardState.Active)
            {
                _idle.Add((_changedUs, atUs));
            }
            else if (State == CardState.Active)
            {
                _changedUs = atUs;
            }

            (State, StoppedBy) = (state, state == CardState.Stopped ? stoppedBy : null);
        }

        public long IdleUs(long fromUs, long toUs, UsageQuantum quantum)
        {
            var sum = State == CardState.Active ? 0 : Overlap(quantum.Ceiling(_changedUs), long.MaxValue);
            foreach (var (from, to) in _idle)
            {
                sum += Overlap(quantum.Ceiling(from), quantum.Ceiling(to));
            }

            return sum;

            long Overlap(long from, long to) => Math.Max(0, Math.Min(to, toUs) - Math.Max(from, fromUs));
        }
    }
}
