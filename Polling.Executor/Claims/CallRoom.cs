namespace Polling.Executor.Claims;

/// <summary>
/// How many calls a claim loop may have: so many at the gateway, and twice as many in all, as those whose answer is there wait for PostgreSQL and keep
/// nobody from asking. While PostgreSQL is away these fill up, and nothing more is claimed.
/// </summary>
internal sealed class CallRoom(int callsAtGateway) : IDisposable
{
    private const int CallsPerCallAtGateway = 2;
    private readonly SemaphoreSlim _atGateway = new(callsAtGateway);
    private readonly SemaphoreSlim _calls = new(callsAtGateway * CallsPerCallAtGateway);

    /// <summary>Calls that there is room for.</summary>
    public int Free => Math.Min(_atGateway.CurrentCount, _calls.CurrentCount);

    /// <summary>Waits until there is room for a call.</summary>
    /// <exception cref="OperationCanceledException">Not waited for any longer.</exception>
    public async Task WaitAsync(CancellationToken cancellation)
    {
        await _calls.WaitAsync(cancellation);
        _calls.Release();
        await _atGateway.WaitAsync(cancellation);
        _atGateway.Release();
    }

    /// <summary>Takes the room of a call, which waits where there is none.</summary>
    public async Task<CallPlace> TakeAsync()
    {
        await _calls.WaitAsync();
        await _atGateway.WaitAsync();
        return new CallPlace(_atGateway, _calls);
    }

    /// <summary>Waits until no call is left; there is no room afterwards.</summary>
    public async Task DrainAsync()
    {
        for (var i = 0; i < callsAtGateway * CallsPerCallAtGateway; i++)
        {
            await _calls.WaitAsync();
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _atGateway.Dispose();
        _calls.Dispose();
    }
}

/// <summary>The room that a call takes, until it is disposed of.</summary>
internal sealed class CallPlace(SemaphoreSlim atGateway, SemaphoreSlim calls) : IDisposable
{
    private int _isAnswered;

    /// <summary>The gateway has answered, or will not be asked: somebody else may.</summary>
    public void Answered()
    {
        if (Interlocked.Exchange(ref _isAnswered, 1) == 0)
        {
            atGateway.Release();
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Answered();
        calls.Release();
    }
}
