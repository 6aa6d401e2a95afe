using Microsoft.Extensions.Options;

namespace Polling.MockGateway.Control;

/// <summary>The behaviour in force. Reading it costs nothing; each update replaces it as a whole.</summary>
internal sealed class BehaviourStore(IOptions<MockGatewayOptions> options)
{
    private readonly Lock _gate = new();
    private readonly Behaviour _configured = options.Value.Behaviour;
    private Behaviour _current = options.Value.Behaviour;

    public Behaviour Current => Volatile.Read(ref _current);

    /// <summary>Applies a partial update if the outcome keeps all rules; else nothing changes and the failures come back.</summary>
    public IReadOnlyList<BehaviourRules.Failure> Update(BehaviourPatch patch)
    {
        lock (_gate)
        {
            var changed = patch.ApplyTo(_current);
            var failures = BehaviourRules.Check(changed).ToList();
            if (failures.Count == 0)
            {
                Volatile.Write(ref _current, changed);
            }

            return failures;
        }
    }

    public void Reset()
    {
        lock (_gate)
        {
            Volatile.Write(ref _current, _configured);
        }
    }
}
