using Polling.Benchmarks.Api;

namespace Polling.Benchmarks.Monitor;

/// <summary>What the monitor shows of a moment.</summary>
/// <param name="At">When it was asked.</param>
/// <param name="Error">Why the API does not tell; null = it does.</param>
/// <param name="Tasks">Each task type.</param>
/// <param name="Accounts">Those with most checks in the last minute first, then those with most cards due.</param>
/// <param name="AccountsTotal">How many accounts there are.</param>
/// <param name="Initialisation">How far it has come.</param>
internal sealed record LiveView(
    DateTimeOffset At, string? Error, IReadOnlyList<LiveTask> Tasks, IReadOnlyList<LiveAccount> Accounts, long AccountsTotal, LiveInitialisation? Initialisation)
{
    /// <summary>The API is away.</summary>
    public static LiveView Away(DateTimeOffset at, string error) => new(at, error, [], [], 0, null);
}

/// <summary>A task type.</summary>
/// <param name="TaskType">realname, carddata or package.</param>
/// <param name="Scheduled">Cards in the schedule.</param>
/// <param name="Queued">Admitted, not claimed.</param>
/// <param name="Leased">Being asked about.</param>
/// <param name="Due">Due and not done.</param>
/// <param name="DueByCause">What those in the schedule wait for.</param>
/// <param name="ChecksPerSecond">In the last minute.</param>
/// <param name="CallsPerSecond">In the last minute.</param>
/// <param name="SuccessRate">Of the last minute, %.</param>
/// <param name="PermitsUsed">Gateway calls that hold a permit.</param>
/// <param name="PermitsLimit">Permits.</param>
/// <param name="Lateness">In the last minute, of all causes.</param>
/// <param name="LatenessByCause">The same by cause.</param>
internal sealed record LiveTask(
    string TaskType, long Scheduled, long Queued, long Leased, long Due, IReadOnlyDictionary<string, long> DueByCause, double ChecksPerSecond, double CallsPerSecond,
    double? SuccessRate, long PermitsUsed, long? PermitsLimit, Spread? Lateness, IReadOnlyDictionary<string, Spread> LatenessByCause)
{
    /// <summary>Of what the overview tells.</summary>
    public static LiveTask Of(QueueFigures queue, TaskFigures task)
    {
        var minute = task.Minute;
        return new LiveTask(
            queue.TaskType, queue.Scheduled, queue.QueueLength, queue.Leased, queue.DueTotal, queue.DueByCause, Math.Round(minute?.ChecksPerSecond ?? 0, 1),
            minute is null ? 0 : Math.Round(minute.Calls / Math.Max(1, (minute.EndedAt - minute.StartedAt).TotalSeconds), 1), minute?.SuccessRate, task.ConcurrencyCurrent,
            task.ConcurrencyMax, minute?.Lateness, minute?.LatenessByCause ?? new Dictionary<string, Spread>());
    }
}

/// <summary>An account, all task types together.</summary>
/// <param name="Account">Code.</param>
/// <param name="Scheduled">Entries in its schedules.</param>
/// <param name="Due">Of these, due ones.</param>
/// <param name="WaitsFor">What they wait for; empty = nothing is due.</param>
/// <param name="ChecksPerSecond">In the last minute.</param>
/// <param name="LatenessP99Ms">The worst of its task types, in the last minute.</param>
internal sealed record LiveAccount(string Account, long Scheduled, long Due, IReadOnlyList<string> WaitsFor, double ChecksPerSecond, double? LatenessP99Ms)
{
    /// <summary>Of what the API tells of each task type.</summary>
    public static IReadOnlyList<LiveAccount> Of(IEnumerable<AccountFigures> figures) =>
    [
        .. figures.GroupBy(figure => figure.Account).Select(account => new LiveAccount(
                account.Key, account.Sum(f => f.Scheduled), account.Sum(f => f.Due), [.. account.Select(f => f.WaitsFor).OfType<string>().Distinct()],
                Math.Round(account.Sum(f => f.Statistics?.ChecksPerSecond ?? 0), 1), account.Max(f => f.Statistics?.Lateness.P99Ms)))
            .OrderByDescending(account => account.ChecksPerSecond).ThenByDescending(account => account.Due).ThenBy(account => account.Account, StringComparer.Ordinal),
    ];
}

/// <summary>The progressive initialisation.</summary>
/// <param name="State">not_started, running or done.</param>
/// <param name="Total">Cards to load.</param>
/// <param name="Loaded">Cards loaded.</param>
/// <param name="Percent">Loaded of total.</param>
/// <param name="CardsPerSecond">Loaded a second, from its start.</param>
/// <param name="EtaSeconds">How long it will still take; null = it is not running.</param>
internal sealed record LiveInitialisation(string State, long Total, long Loaded, double? Percent, double? CardsPerSecond, double? EtaSeconds)
{
    public static LiveInitialisation Of(Initialisation told) => new(
        told.State, told.Total, told.Loaded, told.Percent, told.CardsPerSecond is { } rate ? Math.Round(rate) : null, told.EtaSeconds is { } eta ? Math.Round(eta, 1) : null);
}
