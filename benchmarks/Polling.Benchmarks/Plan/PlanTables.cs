using System.Globalization;
using Polling.Benchmarks.Units;
using Polling.Benchmarks.Words;

namespace Polling.Benchmarks.Plan;

/// <summary>The planner's answers for people: seconds have hours or minutes beside them.</summary>
internal static class PlanTables
{
    /// <summary>Accounts, those that lack most first; of each the tasks when there are few.</summary>
    public static void Print(FleetPlan plan, bool withTasks)
    {
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{plan.Cards:N0} cards need {HumanNumber.Of(plan.NeededCallsPerSecond)} calls/s of {HumanNumber.Of(plan.AvailableCallsPerSecond)} that quotas leave to polling; {plan.AccountsThatDoNotFit} of {plan.Items.Count} accounts do not fit."));
        var accounts = new TextTable("account", "cards>", "cards a call>", "quota calls/s>", "available>", "needed>", "load>", "fits", "would fit with one of");
        foreach (var account in plan.Items)
        {
            accounts.Add(
                account.Code, HumanNumber.Of(account.Cards), $"{account.CardsPerCall}", HumanNumber.Of(account.QuotaCallsPerSecond), HumanNumber.Of(account.AvailableCallsPerSecond),
                HumanNumber.Of(account.NeededCallsPerSecond), account.LoadPercent is { } load ? HumanNumber.Of(load) + " %" : "-", account.Fits ? "yes" : "NO", Text(account.WouldFit));
        }

        accounts.Print();
        if (withTasks || plan.Items.Count == 1)
        {
            foreach (var account in plan.Items)
            {
                PrintTasks(account);
            }
        }
    }

    /// <summary>A quota that is not bought yet.</summary>
    public static void Print(QuotaAnswer answer)
    {
        var table = new TextTable("what if", "");
        table.Add("cards", HumanNumber.Of(answer.Cards));
        table.Add("quota", $"{HumanNumber.Of(answer.CallsPerSecond)} calls/s, {answer.CardsPerCall} cards a call");
        table.Add("of it for polling", $"{HumanNumber.Of(answer.AvailableCallsPerSecond)} calls/s");
        table.Add("calls for a full sweep", HumanNumber.Of(answer.CallsPerSweep));
        table.Add("full sweep, whole quota", HumanTime.Both(answer.SweepSeconds));
        table.Add("shortest interval", HumanTime.Both(answer.IntervalSecondsMin));
        if (answer.IntervalSeconds is { } interval)
        {
            table.Add("asked interval", HumanTime.Both(interval));
            table.Add("  needs", $"{HumanNumber.Of(answer.NeededCallsPerSecond ?? 0)} calls/s");
            table.Add("  fits", answer.Fits == true ? "yes" : "NO");
            table.Add("  would fit with", $"{HumanNumber.Of(answer.CallsPerSecondNeeded ?? 0)} calls/s");
        }

        table.Print();
    }

    private static void PrintTasks(AccountNeeds account)
    {
        Console.WriteLine();
        Console.WriteLine($"{account.Code}, limited by {account.LimitedBy}:");
        var tasks = new TextTable("task", "cards>", "needed calls/s>", "full sweep, whole quota>", "with what polling gets>", "shortest interval>");
        foreach (var task in account.Tasks)
        {
            tasks.Add(
                task.TaskType, HumanNumber.Of(task.Cards), HumanNumber.Of(task.NeededCallsPerSecond), Time(task.SweepSeconds), Time(task.SweepSecondsAvailable),
                Time(task.IntervalSecondsMin));
        }

        tasks.Print();
    }

    private static string Time(double? seconds) => seconds is { } known ? HumanTime.Both(known) : "never";

    private static string Text(Remedies? remedies) => remedies is null ? "" : string.Join("; ", new[]
    {
        remedies.CallsPerSecond is { } second ? $"{HumanNumber.Of(second)} calls/s" : null,
        remedies.CallsPer5Minutes is { } five ? $"{HumanNumber.Of(five)} calls in 5 min" : null,
        remedies.CallsPerMonth is { } month ? $"{HumanNumber.Of(month)} calls a month" : null,
        remedies.CardsPerCall is { } cards ? $"{cards} cards a call" : null,
        remedies.IntervalFactor is { } factor ? string.Create(CultureInfo.InvariantCulture, $"intervals x {factor:0.##}") : null,
    }.OfType<string>());
}
