namespace Polling.Core.Carriers;

/// <summary>A field of an account that breaks a rule.</summary>
/// <param name="Field">Its name as in the API and the table.</param>
/// <param name="Value">What it is.</param>
/// <param name="Rule">What would be right.</param>
public readonly record struct AccountProblem(string Field, string Value, string Rule)
{
    /// <summary>For a person.</summary>
    public string Message => $"{Field} is '{Value}'; it must be {Rule}.";
}

/// <summary>What an account's fields may be. Whoever saves accounts asks here first; what PostgreSQL holds is asked again before it is used.</summary>
public static class AccountRules
{
    /// <summary>Higher rates than any carrier grants are typing mistakes.</summary>
    public const int CallsPerSecondMax = 1_000_000;

    /// <summary>The highest monthly budget: as many calls as <see cref="CallsPerSecondMax"/> makes in 31 days.</summary>
    public const long CallsPerMonthMax = 31L * 24 * 3600 * CallsPerSecondMax;

    /// <summary>The most calls in flight.</summary>
    public const int MaxInFlightMax = 100_000;

    /// <summary>The highest weight; 100 is usual.</summary>
    public const int WeightMax = 10_000;

    /// <summary>The shortest <see cref="CarrierAccount.UsageFreshnessSeconds"/> and <see cref="CarrierAccount.SuspensionWindowSeconds"/>.</summary>
    public const int WindowSecondsMin = 60;

    /// <summary>The longest of them: a week.</summary>
    public const int WindowSecondsMax = 604_800;

    /// <summary>The highest <see cref="CarrierAccount.SuspensionsMax"/>.</summary>
    public const int SuspensionsMaxMax = 1_000_000;

    /// <summary>The lowest <see cref="CarrierAccount.SuspensionsPercentMax"/>.</summary>
    public const double PercentMin = 0.001;

    /// <summary>What a percentage may be, in words.</summary>
    public const string PercentRule = "a number from 0.001 to 100";

    /// <summary>What an app id may be, in words. It travels in headers and before the ':' of Basic authentication.</summary>
    public static string AppIdRule { get; } = $"1 to {CarrierAccount.CredentialLengthMax} visible ASCII characters without ':'";

    /// <summary>Whether it is as <see cref="AppIdRule"/> says.</summary>
    public static bool IsAppId(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return text.Length is > 0 and <= CarrierAccount.CredentialLengthMax && text.All(c => c is > ' ' and <= '~' and not ':');
    }

    /// <summary>Whether it is as <see cref="PercentRule"/> says.</summary>
    public static bool IsPercent(double percent) => percent is >= PercentMin and <= 100;

    /// <summary>Every broken rule; empty = the account may be used.</summary>
    public static IReadOnlyList<AccountProblem> Check(CarrierAccount account)
    {
        ArgumentNullException.ThrowIfNull(account);
        var problems = new List<AccountProblem>();
        Range("calls_per_second", account.CallsPerSecond, 1, CallsPerSecondMax);
        Range("cards_per_call", account.CardsPerCall, 1, CarrierAccount.CardsPerCallMax);
        Range("max_in_flight", account.MaxInFlight, 1, MaxInFlightMax);
        Range("weight", account.Weight, 1, WeightMax);
        Range("billing_cycle_day", account.BillingCycleDay, 1, CarrierAccount.BillingCycleDayMax);
        if (account.CallsPer5Minutes is { } five)
        {
            Range("calls_per_5_minutes", five, 1, 300L * CallsPerSecondMax);
        }

        if (account.CallsPerMonth is { } month)
        {
            Range("calls_per_month", month, 1, CallsPerMonthMax);
        }

        Range("usage_freshness_seconds", account.UsageFreshnessSeconds, WindowSecondsMin, WindowSecondsMax);
        Range("suspensions_max", account.SuspensionsMax, 1, SuspensionsMaxMax);
        Range("suspension_window_seconds", account.SuspensionWindowSeconds, WindowSecondsMin, WindowSecondsMax);
        if (account.SuspensionsPercentMax is { } percent && !IsPercent(percent))
        {
            problems.Add(new("suspensions_percent_max", $"{percent}", PercentRule));
        }

        if (account.AppId is { } appId && !IsAppId(appId))
        {
            problems.Add(new("app_id", appId, AppIdRule));
        }

        if (account.Status is not (AccountStatus.Active or AccountStatus.Paused))
        {
            problems.Add(new("status", $"{(int)account.Status}", "1 (active) or 0 (paused)"));
        }

        if (!TimeZoneInfo.TryFindSystemTimeZoneById(account.TimeZone, out _))
        {
            problems.Add(new("time_zone", account.TimeZone, $"an IANA time zone, such as '{CarrierAccount.DefaultTimeZone}'"));
        }

        CheckWindows(account.MaintenanceWindows, problems);
        return problems;

        void Range(string field, long value, long min, long max)
        {
            if (value < min || value > max)
            {
                problems.Add(new(field, $"{value}", $"an integer from {min} to {max}"));
            }
        }
    }

    private static void CheckWindows(IReadOnlyList<string> windows, List<AccountProblem> problems)
    {
        const string Field = "maintenance_windows";
        if (windows.Count > CarrierAccount.MaintenanceWindowsMax)
        {
            problems.Add(new(Field, $"{windows.Count} entries", $"at most {CarrierAccount.MaintenanceWindowsMax} entries"));
        }

        var parsed = new List<MaintenanceWindow>();
        for (var i = 0; i < windows.Count; i++)
        {
            if (MaintenanceWindow.TryParse(windows[i], out var window))
            {
                parsed.Add(window);
            }
            else
            {
                problems.Add(new($"{Field}[{i}]", windows[i], MaintenanceWindow.Rule));
            }
        }

        // Minutes of the day that no window covers.
        var free = Enumerable.Range(0, 24 * 60).Count(minute => !parsed.Any(w => Covers(w, minute)));
        if (free == 0)
        {
            problems.Add(new(Field, string.Join(", ", windows), "less than the whole day; to send nothing, set status to 0"));
        }
    }

    private static bool Covers(MaintenanceWindow window, int minute)
    {
        var (start, end) = ((int)window.Start.ToTimeSpan().TotalMinutes, (int)window.End.ToTimeSpan().TotalMinutes);
        return start < end ? minute >= start && minute < end : minute >= start || minute < end;
    }
}
