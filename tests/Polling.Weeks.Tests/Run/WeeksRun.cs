using System.Diagnostics;
using System.Text.Json.Nodes;
using Polling.Weeks.Tests.Checks;
using Polling.Weeks.Tests.Processes;

namespace Polling.Weeks.Tests.Run;

/// <summary>
/// Virtual time in steps of two hours, each settled: carriers with faults, executors that are killed, cards that are topped up, stopped by their carriers and by
/// people.
/// </summary>
/// <remarks>
/// <para>Carriers count usage in steps of four hours. A card's due time may lie just too close to its last check; then it is read in every second step of two hours. So with
/// every second one all cards have been read, and what is checked and done then depends on the seed alone, not on the order in which things came.</para>
/// <para>Around a reset carriers have no faults and nobody is killed: a figure that is lost or wrong then may have no better one after it, and of a carrier that names no cycle
/// nobody could tell a fallen figure from a new cycle's first.</para>
/// </remarks>
internal sealed class WeeksRun(WeeksSystem system, RunPlan plan, Action<string> log)
{
    private static readonly TimeSpan Step = TimeSpan.FromHours(2);
    private static readonly TimeSpan Quiet = TimeSpan.FromHours(4);
    private static readonly TimeSpan Zone = TimeSpan.FromHours(8);

    // After the hour: no due time lies on the edge of a step.
    private static readonly TimeSpan After = TimeSpan.FromMinutes(5);

    private const string Faults =
        """
        {"faults":{"http_500":0.0168,"other_error":0.01,"truncated":0.01,"http_429":0.003,"wrong_card":0.01,"hang":0.0002,"hang_seconds":1.5,"lost_answer":0.05},
         "readings":{"late_share":0.05,"late_seconds":14400,"falling_share":0.05},"jobs":{"failed_share":0.05}}
        """;

    private const string NoFaults =
        """
        {"faults":{"http_500":0,"other_error":0,"truncated":0,"http_429":0,"wrong_card":0,"hang":0,"lost_answer":0},
         "readings":{"late_share":0,"falling_share":0},"jobs":{"failed_share":0}}
        """;

    private readonly Books _books = new(system.Postgres);
    private readonly Settling _settling = new(system, new(system.Postgres), log);
    private readonly Happenings _happenings = new(system, new(system.Postgres), new Random(plan.Seed));
    private readonly Random _killer = new(plan.Seed);
    private int _kills;

    /// <summary>All of it.</summary>
    public async Task RunAsync()
    {
        await _settling.PlacedAsync(plan.Cards);
        var steps = (int)(plan.Length / Step);
        var killAt = Enumerable.Range(0, plan.Kills).Select(_ => _killer.Next(2, steps - (steps / 3))).ToArray();
        var killsDue = 0;
        for (var step = 0; step < steps; step++)
        {
            var (at, took) = (plan.Start + (step * Step), Stopwatch.StartNew());
            var quiet = IsQuiet(at + After);
            await BehaveAsync(quiet ? NoFaults : Faults);
            await system.Clocks.AdvanceToAsync(at + After);
            if (step == 0)
            {
                system.StartExecutors();
            }

            var settling = _settling.SettleAsync();
            killsDue += killAt.Count(kill => kill == step);
            if (killsDue > 0 && !quiet)
            {
                killsDue--;
                await KillAsync(settling);
            }

            await settling;
            var settled = took.ElapsedMilliseconds;
            if (step % 2 == 1)
            {
                await _settling.CompleteAsync(at - Step);
                await CheckLimitsAsync();
                await HappenAsync(step / 2);
            }

            Assert.True(system.Now < at + Step, $"the step from {at:u} on was not done in time: it is {system.Now:u}");
            log($"step {step + 1} of {steps}, {at:yyyy-MM-dd HH:mm}{(quiet ? ", quiet" : "")}: settled after {settled} ms, all {took.ElapsedMilliseconds} ms, {_settling.TakeReport()}");
        }

        await FinishAsync(plan.Start + (steps * Step));
    }

    /// <summary>What does not hold, in sentences; and what two runs with one seed have in common.</summary>
    public async Task<(IReadOnlyList<string> Problems, Digest Digest)> ResultAsync()
    {
        var truth = await Truth.UsesAsync(system.Gateway);
        var events = await Truth.StopsAsync(system.Gateway);
        var suspensions = await _books.SuspensionsAsync();
        var ledger = await _books.LedgerAsync();
        var digest = Digest.Of(ledger, suspensions);
        log($"{ledger.Count} cycles of cards, {ledger.Count(row => row.IsStated)} stated; {suspensions.Count(row => row is { ByLimit: true, IsDone: true })} suspended, "
            + $"{suspensions.Count(row => row is { IsStop: false, IsDone: true })} resumed; {_happenings.ToppedUp.Count} topped up; "
            + $"{_happenings.OthersStopped.Count} stopped by others; {_kills} executors killed; {await Truth.FaultsAsync(system.Gateway)}");
        log($"digest of {digest.Lines.Count} lines: {digest.Hash}");
        return (
        [
            .. Missing("cards in the ledger", ledger.Select(row => row.Card).Distinct().Count(), plan.Cards),
            .. Missing("cards topped up", _happenings.ToppedUp.Count, Happenings.TopUps),
            .. Missing("cards stopped by others", _happenings.OthersStopped.Count, 3 * Happenings.OthersStop),
            .. Missing("executors killed", _kills, plan.Kills),
            .. Assertions.Ledger(ledger, truth),
            .. Assertions.Suspensions(suspensions, events, truth),
            .. Assertions.Respected(_happenings.OthersStopped, events),
            .. Assertions.TopUps(_happenings.ToppedUp, suspensions),
        ], digest);
    }

    // Every card is read once more without faults, and every cycle that a carrier states is stated.
    private async Task FinishAsync(DateTimeOffset from)
    {
        await BehaveAsync(NoFaults);
        for (var i = 0; i < 2; i++)
        {
            await system.Clocks.AdvanceToAsync(from + (i * Step) + After);
            await _settling.SettleAsync();
        }

        await _settling.CompleteAsync(from);
        await CheckLimitsAsync();

        // Given back after a failure they wait for some virtual minutes.
        await system.UntilAsync("stated", TimeSpan.FromMinutes(3), async () =>
        {
            var unstated = await _books.UnstatedAsync(system.Now);
            return unstated == 0 ? null : $"{unstated} cycles";
        });
        await _settling.SettleAsync();
    }

    private async Task HappenAsync(int count)
    {
        if (count == 0)
        {
            await _happenings.OthersStopAsync();
        }
        else if (_happenings.ToppedUp.Count < Happenings.TopUps)
        {
            await _happenings.TopUpAsync();
        }

        await _settling.SettleAsync();
    }

    // In the middle of the step's work, unless that is done already.
    private async Task KillAsync(Task settling)
    {
        var (calls, executor) = (_killer.Next(1, 4), _killer.Next(2));
        await system.UntilAsync("at work", TimeSpan.FromMinutes(3), async () =>
            settling.IsCompleted || await system.Redis.SortedSetLengthAsync("polling:lease:carddata") >= calls ? null : "nothing is leased");
        await system.KillExecutorAsync(executor);
        _kills++;
        log($"an executor was killed at {system.Now:u}");
    }

    // All cards have been read: none goes on that is over its limit.
    private async Task CheckLimitsAsync()
    {
        var over = (await _books.StandingsAsync(system.Now)).Where(card => card.UsedBytes > card.LimitBytes && card.StoppedBy is null).ToArray();
        if (over is [var card, ..])
        {
            var rows = (await _books.SuspensionsAsync()).Where(row => row.CardId == card.CardId);
            Assert.Fail(
                $"{over.Length} cards are over their limits and not stopped at {system.Now:u}, so card {card.Card} of {card.Account}, which used {card.UsedBytes} of {card.LimitBytes} bytes:\n"
                + string.Join('\n', rows));
        }
    }

    // A run in which too little happened proves nothing.
    private static IEnumerable<string> Missing(string what, int number, int wanted) => number < wanted ? [$"only {number} of {wanted} {what}"] : [];

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

/// <summary>What a run is to be.</summary>
/// <param name="Seed">Decides all that is drawn.</param>
/// <param name="Start">Begin of a step in which carriers count.</param>
/// <param name="Length">Whole steps in which carriers count.</param>
/// <param name="Cards">How many cards.</param>
/// <param name="Kills">How often an executor is killed.</param>
internal sealed record RunPlan(int Seed, DateTimeOffset Start, TimeSpan Length, int Cards, int Kills);
