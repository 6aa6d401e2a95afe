namespace Polling.Faults.Tests.Harness;

/// <summary>
/// Looks at the queue again and again while a fault is made and mended. What must never be, at no moment: a card in two places, a permit
/// that was granted while as many were held as are allowed, a figure of permits that is not the number of permits; and, where no fault can take a
/// card away, a card in no place.
/// </summary>
internal sealed class Watch : IAsyncDisposable
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(250);
    private readonly FaultSystem _system;
    private readonly bool _cardsMayBeMissing;
    private readonly CancellationTokenSource _end = new();
    private readonly Dictionary<Core.Configuration.TaskType, Places> _last = [];
    private readonly HashSet<string> _problems = [];
    private readonly Task _looking;
    private int _looks;

    private Watch(FaultSystem system, bool cardsMayBeMissing)
    {
        _system = system;
        _cardsMayBeMissing = cardsMayBeMissing;
        _looking = LookAsync();
    }

    public static Watch Begin(FaultSystem system, bool cardsMayBeMissing = false) => new(system, cardsMayBeMissing);

    /// <summary>Ends it and tells what was seen.</summary>
    public async Task EndAsync()
    {
        await _end.CancelAsync();
        await _looking;
        Assert.True(_looks > 5, $"only {_looks} looks were possible");
        Assert.True(_problems.Count == 0, string.Join('\n', _problems.Take(10)));
    }

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        await _looking;
        _end.Dispose();
    }

    private async Task LookAsync()
    {
        while (!_end.IsCancellationRequested)
        {
            foreach (var type in Fleet.Tasks)
            {
                if (await _system.FindPlacesAsync(type) is { } places)
                {
                    Judge(places);
                    _looks++;
                }
                else
                {
                    // What Redis held before it went away is not compared with what it holds then.
                    _last.Clear();
                }
            }

            await Task.Delay(Pause, _end.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private void Judge(Places now)
    {
        if (now.Doubled > 0)
        {
            _problems.Add($"{now.Type}: {now.Doubled} cards were in two places");
        }

        if (now.Missing > 0 && !_cardsMayBeMissing)
        {
            _problems.Add($"{now.Type}: {now.Missing} cards were in no place");
        }

        if (now.LeaseProblem is { } lease && !_cardsMayBeMissing)
        {
            _problems.Add(lease);
        }

        if (now.PermitProblem is { } problem)
        {
            _problems.Add(problem);
        }

        // After the last grant there were at most as many as allowed, and since then permits only ended.
        if (_last.TryGetValue(now.Type, out var before) && before.PermitsAllowed == now.PermitsAllowed
            && now.PermitsHeld > now.PermitsAllowed && !now.Permits.IsSubsetOf(before.Permits))
        {
            _problems.Add($"{now.Type}: permits were granted though {now.PermitsHeld} of {now.PermitsAllowed} were held");
        }

        _last[now.Type] = now;
    }
}
