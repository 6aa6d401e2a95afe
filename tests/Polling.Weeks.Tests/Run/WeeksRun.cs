using System.Text.Json.Nodes;
using Polling.Weeks.Tests.Checks;
using Polling.Weeks.Tests.Processes;

namespace Polling.Weeks.Tests.Run;

/// <summary>
/// Virtual time in steps of two hours, each settled: carriers with faults, executors that are killed, cards that are topped up, stopped by their carriers and by
/// people.
/// </summary>
/// <remarks>
/// Around a reset carriers have no faults and nobody is killed: a figure that is lost or wrong then may have no better one after it, and of a carrier that names no cycle
/// nobody could tell a fallen figure from a new cycle's first.
/// </remarks>
internal sealed class WeeksRun(WeeksSystem system, Random random, TimeSpan length, int cards, int kills, Action<string> log)
{
    private const int StepsLateMax = 3;
    private const int OthersStop = 4;
    private const int TopUps = 10;
    private static readonly TimeSpan Step = TimeSpan.FromHours(2);
    private static readonly TimeSpan Quiet = TimeSpan.FromHours(4);
    private static readonly TimeSpan Zone = TimeSpan.FromHours(8);
    private static readonly string Faults =
        """
        {"faults":{"http_500":0.015,"other_error":0.01,"truncated":0.01,"http_429":0.003,"wrong_card":0.01,"hang":0.002,"hang_seconds":3,"lost_answer":0.05},
         "readings":{"late_share":0.05,"late_seconds":3600,"falling_share":0.05},"jobs":{"failed_share":0.05}}
        """;

    private const string NoFaults =
        """
        {"faults":{"http_500":0,"other_error":0,"truncated":0,"http_429":0,"wrong_card":0,"hang":0,"lost_answer":0},
         "readings":{"late_share":0,"falling_share":0},"jobs":{"failed_share":0}}
        """;

    private readonly Books _books = new(system.Postgres);
    private readonly Dictionary<long, int> _lateSteps = [];
    private readonly HashSet<string> _othersStopped = [];
    private readonly Dictionary<long, long> _toppedUp = [];
    private int _kills;

    /// <summary>All of it.</summary>
    public async Task RunAsync()
    {
        var steps = (int)(length / Step);
        var killAt = Enumerable.Range(0, kills).Select(_ => random.Next(2, steps - (steps / 3))).ToArray();
        var killsDue = 0;
        for (var step = 0; step < steps; step++)
        {
            var quiet = IsQuiet(system.Now + Step);
            await BehaveAsync(quiet ? NoFaults : Faults);
            await system.AdvanceAsync(Step);
            var settling = Settling.SettleAsync(system);
            killsDue += killAt.Count(at => at == step);
            if (killsDue > 0 && !quiet)
            {
                killsDue--;
                await KillAsync(settling);
            }

            await settling;
            await Settling.SettleAsync(system);
            await CheckLimitsAsync();
            if (step == 2)
            {
                await OthersStopAsync();
            }

            if (step >= 3 && _toppedUp.Count < TopUps)
            {
                await TopUpAsync();
            }

            log($"step {step + 1} of {steps}: {system.Now:u}");
        }

        await FinishAsync();
    }

    // Every card is read once more without faults, and every cycle that a carrier states is stated.
    private async Task FinishAsync()
    {
        await BehaveAsync(NoFaults);
        for (var i = 0; i < 2; i++)
        {
            await system.AdvanceAsync(Step);
            await Settling.SettleAsync(system);
        }

        // Given back after a failure they wait for some virtual minutes.
        await system.UntilAsync("stated", TimeSpan.FromMinutes(3), async () =>
        {
            var unstated = await _books.UnstatedAsync(system.Now);
            return unstated == 0 ? null : $"{unstated} cycles";
        });
    }

    /// <summary>What does not hold, in sentences.</summary>
    public async Task<IReadOnlyList<string>> ProblemsAsync()
    {
        await Settling.SettleAsync(system);
        var truth = await Truth.UsesAsync(system.Gateway);
        var events = await Truth.StopsAsync(system.Gateway);
        var suspensions = await _books.SuspensionsAsync();
        var ledger = await _books.LedgerAsync();
        log($"{ledger.Count} cycles of cards, {ledger.Count(row => row.IsStated)} stated; {suspensions.Count(row => row is { ByLimit: true, IsDone: true })} suspended, "
            + $"{suspensions.Count(row => row is { IsStop: false, IsDone: true })} resumed; {_toppedUp.Count} topped up; {_othersStopped.Count} stopped by others");
        return
        [
            .. Missing("cards in the ledger", ledger.Select(row => row.Card).Distinct().Count(), cards),
            .. Missing("cards topped up", _toppedUp.Count, TopUps),
            .. Missing("cards stopped by others", _othersStopped.Count, 3 * OthersStop),
            .. Missing("executors killed", _kills, kills),
            .. Assertions.Ledger(ledger, truth, suspensions, system.Now),
            .. Assertions.Suspensions(suspensions, events, truth),
            .. Assertions.Respected(_othersStopped, events),
            .. TopUpProblems(suspensions),
        ];
    }

    // In the middle of the step's work, unless that is done already.
    private async Task KillAsync(Task settling)
    {
        var calls = random.Next(1, 4);
        await system.UntilAsync("at work", TimeSpan.FromMinutes(3), async () =>
            settling.IsCompleted || await system.Redis.SortedSetLengthAsync("polling:lease:carddata") >= calls ? null : "nothing is leased");
        await system.KillExecutorAsync(random.Next(2));
        _kills++;
        log($"an executor was killed at {system.Now:u}");
    }

    // A card over its limit goes on for two steps at most: one failed reading, and one that decides.
    private async Task CheckLimitsAsync()
    {
        var over = (await _books.StandingsAsync(system.Now)).Where(card => card.UsedBytes > card.LimitBytes && card.StoppedBy is null).ToArray();
        foreach (var known in _lateSteps.Keys.Except(over.Select(card => card.CardId)).ToArray())
        {
            _lateSteps.Remove(known);
        }

        foreach (var card in over)
        {
            _lateSteps[card.CardId] = _lateSteps.GetValueOrDefault(card.CardId) + 1;
            if (_lateSteps[card.CardId] > StepsLateMax)
            {
                var rows = (await _books.SuspensionsAsync()).Where(row => row.CardId == card.CardId);
                Assert.Fail(
                    $"Card {card.Card} of {card.Account} used {card.UsedBytes} of {card.LimitBytes} bytes and is not stopped after {StepsLateMax} steps, at {system.Now:u}:\n"
                    + string.Join('\n', rows));
            }
        }
    }

    private async Task OthersStopAsync()
    {
        var standings = (await _books.StandingsAsync(system.Now)).OrderBy(card => card.CardId).ToArray();
        random.Shuffle(standings);
        foreach (var card in standings.Where(card => card.StoppedBy is null).Take(OthersStop).Concat(standings.Where(card => card.StoppedBy == 1).Take(OthersStop)))
        {
            await system.Gateway.SendAsync(HttpMethod.Put, $"control/cards/{card.Card}", new() { ["state"] = "stopped", ["stopped_by"] = "carrier" });
            _othersStopped.Add(card.Card);
        }

        foreach (var card in standings.Where(card => card.StoppedBy is null).Skip(OthersStop).Take(OthersStop))
        {
            await system.Api.SendAsync(HttpMethod.Post, $"api/admin/cards/{card.CardId}/suspend", new() { ["reason"] = "a person wants it" });
            _othersStopped.Add(card.Card);
        }

        await Settling.SettleAsync(system);
    }

    // A little more than what was used: some hours later the card is over again.
    private async Task TopUpAsync()
    {
        var stopped = (await _books.StandingsAsync(system.Now))
            .Where(card => card.StoppedBy == 1 && card.UsedBytes > card.LimitBytes && !_toppedUp.ContainsKey(card.CardId) && !_othersStopped.Contains(card.Card))
            .OrderBy(card => card.CardId).ToArray();
        random.Shuffle(stopped);
        foreach (var card in stopped.Take(TopUps / 2))
        {
            var more = card.UsedBytes - card.LimitBytes + Math.Max(1, card.UsedBytes / 200);
            await system.Api.SendAsync(HttpMethod.Post, $"api/admin/cards/{card.CardId}/addons", new() { ["allowance_bytes"] = more, ["reference"] = $"top-up-{card.CardId}" });
            _toppedUp.Add(card.CardId, card.LimitBytes + more);
        }
    }

    // A run in which too little happened proves nothing.
    private static IEnumerable<string> Missing(string what, int number, int wanted) => number < wanted ? [$"only {number} of {wanted} {what}"] : [];

    private IEnumerable<string> TopUpProblems(IReadOnlyList<SuspensionRow> suspensions)
    {
        foreach (var (card, limit) in _toppedUp)
        {
            var rows = suspensions.Where(row => row.CardId == card && row.IsDone).ToArray();
            var resumed = Array.FindIndex(rows, row => !row.IsStop);
            if (resumed < 0 || !rows.Skip(resumed).Any(row => row.ByLimit && row.LimitBytes == limit))
            {
                yield return $"card {card} was topped up to {limit} bytes and was not resumed and suspended again: "
                    + string.Join(", ", rows.Select(row => $"{(row.IsStop ? "stop" : "resume")} at {row.LimitBytes}"));
            }
        }
    }

    private Task BehaveAsync(string behaviour) => system.Gateway.SendAsync(HttpMethod.Put, "control/behaviour", JsonNode.Parse(behaviour)!.AsObject());

    private static bool IsQuiet(DateTimeOffset at)
    {
        var local = at.ToOffset(Zone);
        return IsNear(27) || IsNear(1) || (local.Day > 27 && IsNear(1, months: 1));

        bool IsNear(int day, int months = 0)
        {
            var reset = new DateTimeOffset(local.Year, local.Month, day, 0, 0, 0, Zone).AddMonths(months);
            return local > reset - Quiet && local < reset + Quiet;
        }
    }
}
