using Polling.AdminApi.Http;
using Polling.Core.Carriers;
using Polling.Core.Suspensions;

namespace Polling.AdminApi.Accounts;

/// <summary>Reads an account's fields from a request; those that are not sent keep their values.</summary>
internal static class AccountFields
{
    private static readonly string[] ReadOnly =
        ["id", "code", "carrier_id", "has_app_secret", "available_calls_per_second", "needed_calls_per_second", "created_at", "updated_at"];

    private static readonly string[] Known =
    [
        "name", "base_url", "calls_per_second", "calls_per_5_minutes", "calls_per_month", "max_in_flight", "cards_per_call", "weight", "billing_cycle_day",
        "time_zone", "maintenance_windows", "status", "dialect", "app_id", "app_secret", "usage_freshness_seconds", "suspension_mode", "suspensions_max",
        "suspensions_percent_max", "suspension_window_seconds",
    ];

    private static readonly string NameRule = $"1 to {CarrierAccount.NameLengthMax} characters";
    private static readonly string CodeRule = $"1 to {Carrier.CodeLengthMax} characters";

    public static Task<JsonBody> ReadAsync(HttpRequest request, Parameters parameters, CancellationToken cancellationToken) =>
        JsonBody.ReadAsync(request, parameters, ReadOnly, Known, cancellationToken);

    /// <summary>Of a new account: the carrier and the code, too, which never change after that.</summary>
    public static Task<JsonBody> ReadNewAsync(HttpRequest request, Parameters parameters, CancellationToken cancellationToken) =>
        JsonBody.ReadAsync(request, parameters, [], ["carrier_id", "code", .. Known], cancellationToken);

    /// <summary>Applies what only a new account has, and refuses one that lacks what it must say.</summary>
    public static void ApplyNew(JsonBody body, CarrierAccount account)
    {
        body.Require("carrier_id", "the id of a carrier");
        body.Require("code", CodeRule);
        body.Require("name", NameRule);
        body.Require("calls_per_second", $"an integer from 1 to {AccountRules.CallsPerSecondMax}");
        body.Require("cards_per_call", $"an integer from 1 to {CarrierAccount.CardsPerCallMax}");
        body.Require("max_in_flight", $"an integer from 1 to {AccountRules.MaxInFlightMax}");
        body.Number("carrier_id", 1, int.MaxValue, id => account.CarrierId = id);
        body.Text("code", CodeRule, text =>
        {
            account.Code = text.Trim();
            return account.Code.Length is > 0 and <= Carrier.CodeLengthMax;
        });
    }

    /// <summary>Applies what was sent; what breaks a rule stands in <paramref name="parameters"/> then, and the account must not be saved.</summary>
    public static void Apply(JsonBody body, Parameters parameters, CarrierAccount account)
    {
        body.Text("name", NameRule, text =>
        {
            account.Name = text.Trim();
            return account.Name.Length is > 0 and <= CarrierAccount.NameLengthMax;
        });
        body.TextOrNull("base_url", "an absolute http or https address without user, query and fragment, or null (the mock gateway)", text =>
        {
            account.BaseUrl = text;
            return text is null || IsAddress(text);
        });
        body.Number("calls_per_second", 1, AccountRules.CallsPerSecondMax, calls => account.CallsPerSecond = calls);
        body.NumberOrNull<int>("calls_per_5_minutes", 1, 300 * AccountRules.CallsPerSecondMax, calls => account.CallsPer5Minutes = calls);
        body.NumberOrNull<long>("calls_per_month", 1, AccountRules.CallsPerMonthMax, calls => account.CallsPerMonth = calls);
        body.Number("max_in_flight", 1, AccountRules.MaxInFlightMax, calls => account.MaxInFlight = calls);
        body.Number("cards_per_call", 1, CarrierAccount.CardsPerCallMax, cards => account.CardsPerCall = cards);
        body.Number("weight", 1, AccountRules.WeightMax, weight => account.Weight = weight);
        body.Number<short>("billing_cycle_day", 1, CarrierAccount.BillingCycleDayMax, day => account.BillingCycleDay = day);
        body.Number<short>("status", 0, 1, status => account.Status = (AccountStatus)status);
        body.Text("time_zone", $"an IANA time zone, such as '{CarrierAccount.DefaultTimeZone}'", text =>
        {
            account.TimeZone = text;
            return text.Length <= CarrierAccount.TimeZoneLengthMax;
        });
        ApplyDialect(body, parameters, account);
        ApplySuspensions(body, account);
        body.Texts("maintenance_windows", CarrierAccount.MaintenanceWindowsMax, windows => account.MaintenanceWindows = windows);
        if (!parameters.AreValid)
        {
            return;
        }

        foreach (var problem in AccountRules.Check(account))
        {
            parameters.Refuse(problem.Field, problem.Value, problem.Rule);
        }
    }

    private static void ApplyDialect(JsonBody body, Parameters parameters, CarrierAccount account)
    {
        body.Text("dialect", $"one of {CarrierDialects.Names}", text =>
        {
            account.Dialect = CarrierDialects.Find(text) ?? account.Dialect;
            return CarrierDialects.Find(text) is not null;
        });
        body.TextOrNull("app_id", $"{AccountRules.AppIdRule}, or null (the account's code)", text =>
        {
            account.AppId = text;
            return text is null || AccountRules.IsAppId(text);
        });
        body.SecretOrNull("app_secret", text =>
        {
            account.AppSecret = text;
            if (text is { Length: 0 or > CarrierAccount.CredentialLengthMax })
            {
                parameters.Refuse("app_secret", "(not shown)", $"1 to {CarrierAccount.CredentialLengthMax} characters, or null (none)");
            }
        });
    }

    private static void ApplySuspensions(JsonBody body, CarrierAccount account)
    {
        body.Number("usage_freshness_seconds", AccountRules.WindowSecondsMin, AccountRules.WindowSecondsMax, seconds => account.UsageFreshnessSeconds = seconds);
        body.Text("suspension_mode", $"one of {SuspensionModes.Names}", text =>
        {
            account.SuspensionMode = SuspensionModes.Find(text) ?? account.SuspensionMode;
            return SuspensionModes.Find(text) is not null;
        });
        body.Number("suspensions_max", 1, AccountRules.SuspensionsMaxMax, cards => account.SuspensionsMax = cards);
        body.DecimalOrNull("suspensions_percent_max", AccountRules.PercentRule + ", or null", percent =>
        {
            account.SuspensionsPercentMax = percent;
            return percent is null || AccountRules.IsPercent(percent.Value);
        });
        body.Number(
            "suspension_window_seconds", AccountRules.WindowSecondsMin, AccountRules.WindowSecondsMax, seconds => account.SuspensionWindowSeconds = seconds);
    }

    private static bool IsAddress(string text) =>
        text.Length <= CarrierAccount.BaseUrlLengthMax && Uri.TryCreate(text, UriKind.Absolute, out var uri)
        && (uri.Scheme == Uri.UriSchemeHttp || uri.Scheme == Uri.UriSchemeHttps) && uri.UserInfo.Length + uri.Query.Length + uri.Fragment.Length == 0;
}
