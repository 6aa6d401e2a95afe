using Polling.MockGateway.Faults;

namespace Polling.MockGateway.Quotas;

/// <summary>One account as the carrier sees it: its calls, and how many came in any second.</summary>
internal sealed class CarrierAccount(string code)
{
    private readonly Lock _gate = new();
    private SlidingWindow _arrived = new();
    private SlidingWindow _admitted = new();
    private long _calls;
    private long _refused;
    private readonly long[] _faults = new long[Enum.GetValues<Fault>().Length];
    private long _lastUs;

    public string Code { get; } = code;

    /// <summary>A hash of the code for seeded draws, the same in every process.</summary>
    public ulong Hash { get; } = SeededDraw.Hash(code);

    /// <summary>
    /// Takes note of a call that has just come. Refused calls count as arrived, but use up no quota.
    /// </summary>
    /// <param name="clock">Read inside, so that an account's calls have ascending times.</param>
    /// <param name="quota">Calls per second allowed, or null: not enforced.</param>
    public Arrival Arrive(Microseconds clock, int? quota)
    {
        lock (_gate)
        {
            var now = _lastUs = Math.Max(_lastUs, clock.Now);
            _arrived.Add(now);
            var number = ++_calls;
            if (_admitted.Advance(now) >= quota)
            {
                _refused++;
                return new(number, now, Admitted: false);
            }

            _admitted.Add(now);
            return new(number, now, Admitted: true);
        }
    }

    /// <summary>Takes note of what goes wrong with a call.</summary>
    public void Count(Fault fault)
    {
        lock (_gate)
        {
            _faults[(int)fault]++;
        }
    }

    public AccountFigures Read()
    {
        lock (_gate)
        {
            return new(
                Code, _calls, _refused, _arrived.Max, _arrived.MaxAtUs, _admitted.Max,
                Enum.GetValues<Fault>().Where(fault => fault != Fault.None && _faults[(int)fault] > 0).ToDictionary(FaultPlan.NameOf, fault => _faults[(int)fault]));
        }
    }

    public void Reset()
    {
        lock (_gate)
        {
            (_arrived, _admitted, _calls, _refused) = (new(), new(), 0, 0);
            Array.Clear(_faults);
        }
    }

    /// <param name="Number">1 for the account's first call.</param>
    /// <param name="AtUs">Microseconds since 1970, UTC.</param>
    /// <param name="Admitted">False: over the quota.</param>
    internal readonly record struct Arrival(long Number, long AtUs, bool Admitted);

    internal readonly record struct AccountFigures(string Code, long Calls, long Refused, int MaxPerSecond, long MaxAtUs, int MaxAdmittedPerSecond,
        IReadOnlyDictionary<string, long> Faults);
}
