using System.Globalization;
using Polling.Benchmarks.Api;
using Polling.Benchmarks.Units;
using Polling.Benchmarks.Words;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace Polling.Benchmarks.Monitor;

/// <summary>A view for people: tables on a terminal, else a line.</summary>
internal static class LiveTables
{
    private const int AccountsShown = 10;
    private const double LateMs = 2_000;

    /// <summary>For a terminal.</summary>
    public static IRenderable Draw(LiveView view, Uri api)
    {
        var head = new Text($"{view.At.ToLocalTime():HH:mm:ss}  {api}", Style.Parse("grey"));
        return view.Error is { } error
            ? new Rows(head, new Text(error, Style.Parse("red")), new Text("It is asked again each second; Ctrl-C ends.", Style.Parse("grey")))
            : new Rows(head, Progress(view.Initialisation!), Tasks(view), Lateness(view), Accounts(view), new Text("Rates and lateness: last minute. Ctrl-C ends.", Style.Parse("grey")));
    }

    /// <summary>One line.</summary>
    public static string Line(LiveView view)
    {
        var at = $"{view.At.ToLocalTime():HH:mm:ss}";
        if (view.Error is { } error)
        {
            return $"{at}  {error}";
        }

        var tasks = view.Tasks.Select(task => string.Create(CultureInfo.InvariantCulture,
            $"{task.TaskType} {task.ChecksPerSecond:N0}/s due {task.Due:N0} queued {task.Queued:N0} leased {task.Leased:N0} permits {task.PermitsUsed}/{task.PermitsLimit} late p99 {HumanNumber.Ms(task.Lateness?.P99Ms)}"));
        return $"{at}  {string.Join(" | ", tasks)} | initialisation {Text(view.Initialisation!)}";
    }

    private static IRenderable Progress(LiveInitialisation progress)
    {
        const int Width = 40;
        var text = new Text("initialisation: " + Text(progress));
        return progress.State != "running" ? text : new Rows(text, new Text(
            new string('█', (int)(Width * (progress.Percent ?? 0) / 100)).PadRight(Width, '░'), Style.Parse("green")));
    }

    private static string Text(LiveInitialisation progress) => progress.State == "not_started" ? "not started" : string.Create(CultureInfo.InvariantCulture,
        $"{progress.State}, {progress.Loaded:N0} of {progress.Total:N0} cards ({progress.Percent ?? 100:0.#} %)")
        + (progress.CardsPerSecond is { } rate ? string.Create(CultureInfo.InvariantCulture, $", {rate:N0}/s") : "")
        + (progress.EtaSeconds is { } eta ? $", {HumanTime.Of(eta)} to go" : "");

    private static Table Tasks(LiveView view)
    {
        var table = new TextTable("task", "scheduled>", "due>", "queued>", "leased>", "checks/s>", "calls/s>", "success>", "permits>", "late p50>", "p95>", "p99>");
        foreach (var task in view.Tasks)
        {
            table.Add(
                task.TaskType, HumanNumber.Of(task.Scheduled), HumanNumber.Of(task.Due), HumanNumber.Of(task.Queued), HumanNumber.Of(task.Leased), HumanNumber.Of(task.ChecksPerSecond),
                HumanNumber.Of(task.CallsPerSecond), task.SuccessRate is { } rate ? HumanNumber.Of(rate) + " %" : "-", $"{task.PermitsUsed}/{task.PermitsLimit}",
                HumanNumber.Ms(task.Lateness?.P50Ms), HumanNumber.Ms(task.Lateness?.P95Ms), HumanNumber.Ms(task.Lateness?.P99Ms));
        }

        return table.Draw();
    }

    // Which causes there are, whatever the task.
    private static Table Lateness(LiveView view)
    {
        var table = new TextTable("lateness by cause", "cards>", "p50>", "p95>", "p99>", "due now>");
        var causes = view.Tasks.SelectMany(task => task.LatenessByCause.Keys.Concat(task.DueByCause.Where(due => due.Value > 0).Select(due => due.Key))).Distinct();
        foreach (var cause in causes)
        {
            Spread[] spreads = [.. view.Tasks.Select(task => task.LatenessByCause.GetValueOrDefault(cause)).OfType<Spread>()];
            var due = view.Tasks.Sum(task => task.DueByCause.GetValueOrDefault(cause));
            table.Add(
                cause, HumanNumber.Of(spreads.Sum(spread => spread.Count)), Worst(spread => spread.P50Ms), Worst(spread => spread.P95Ms), Worst(spread => spread.P99Ms), HumanNumber.Of(due));
            string Worst(Func<Spread, double?> of) => HumanNumber.Ms(spreads.Max(of));
        }

        return table.Draw();
    }

    private static Table Accounts(LiveView view)
    {
        var table = new TextTable($"account ({view.AccountsTotal} in all)", "checks/s>", "scheduled>", "due>", "waits for", "late p99>");
        foreach (var account in view.Accounts.Take(AccountsShown))
        {
            table.Add(
                account.Account, HumanNumber.Of(account.ChecksPerSecond), HumanNumber.Of(account.Scheduled), HumanNumber.Of(account.Due), string.Join(", ", account.WaitsFor),
                HumanNumber.Ms(account.LatenessP99Ms) + (account.LatenessP99Ms > LateMs ? " !" : ""));
        }

        return table.Draw();
    }
}
