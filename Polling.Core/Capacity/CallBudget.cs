using Polling.Core.Carriers;
using Polling.Core.Configuration;
using Polling.Core.Queue.Quotas;

namespace Polling.Core.Capacity;

/// <summary>Whether an account's calls suffice for what its configurations ask.</summary>
public static class CallBudget
{
    private const double SecondsPerDay = 24 * 3600;
    private const double FiveMinutesSeconds = 300;

    /// <summary>The longest month.</summary>
    private const double SecondsPerMonth = 31 * SecondsPerDay;

    /// <summary>
    /// Calls a second that polling can make in the long run: the tightest of the account's limits, less the reserve for manual work and
    /// suspensions, less the maintenance windows. A pause does not count: it ends.
    /// </summary>
    /// <param name="account">The account.</param>
    /// <param name="reservedPercent"><see cref="QuotaOptions.ReservedPercent"/>.</param>
    public static double Available(CarrierAccount account, int reservedPercent)
    {
        ArgumentNullException.ThrowIfNull(account);
        var open = 1 - account.MaintenanceWindows.Sum(text => MaintenanceWindow.TryParse(text, out var w) ? Share(w) : 0);
        var calls = AccountLimits.PollingShare(account.CallsPerSecond, reservedPercent) / QuotaGate.Window.TotalSeconds * open;
        if (account.CallsPer5Minutes is { } five)
        {
            calls = Math.Min(calls, AccountLimits.PollingShare(five, reservedPercent) / FiveMinutesSeconds * open);
        }

        // A month's calls are not lost in a window; its reserve is a tenth of the others'.
        return account.CallsPerMonth is { } month
            ? Math.Min(calls, month * (1 - reservedPercent / 1000.0) / SecondsPerMonth)
            : calls;
    }

    /// <summary>Calls a second that the carrier grants in the long run, all day: the tightest of the account's limits, and which one it is.</summary>
    public static (double CallsPerSecond, CallLimit Limit) Quota(CarrierAccount account)
    {
        ArgumentNullException.ThrowIfNull(account);
        (double Calls, CallLimit Limit)[] limits =
        [
            (account.CallsPerSecond, CallLimit.Second),
            (account.CallsPer5Minutes / FiveMinutesSeconds ?? double.PositiveInfinity, CallLimit.FiveMinutes),
            (account.CallsPerMonth / SecondsPerMonth ?? double.PositiveInfinity, CallLimit.Month),
        ];
        return limits.MinBy(limit => limit.Calls);
    }

    /// <summary>Calls a second that the configurations need of an account, of all task types, when every call is full.</summary>
    /// <param name="account">The account.</param>
    /// <param name="groups">Cards, of any accounts.</param>
    /// <param name="configs">The configurations.</param>
    public static double Needed(CarrierAccount account, IEnumerable<CardGroup> groups, PollingConfigSet configs)
    {
        return NeededByConfiguration(account, groups, configs).Values.Sum();
    }

    /// <summary>The same by the configuration that asks for them.</summary>
    /// <param name="account">The account.</param>
    /// <param name="groups">Cards, of any accounts.</param>
    /// <param name="configs">The configurations.</param>
    public static IReadOnlyDictionary<PollingConfig, double> NeededByConfiguration(
        CarrierAccount account, IEnumerable<CardGroup> groups, PollingConfigSet configs)
    {
        ArgumentNullException.ThrowIfNull(account);
        ArgumentNullException.ThrowIfNull(configs);
        return TaskPlan.Of(account, groups.Where(g => g.AccountId == account.Id), configs)
            .SelectMany(task => task.Configurations).ToDictionary(plan => plan.Configuration, plan => plan.NeededCallsPerSecond);
    }

    private static double Share(MaintenanceWindow window)
    {
        var seconds = (window.End - window.Start).TotalSeconds;
        return (seconds < 0 ? seconds + SecondsPerDay : seconds) / SecondsPerDay;
    }
}
