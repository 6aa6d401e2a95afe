using Polling.AdminApi.Http;
using Polling.Core.Carriers;

namespace Polling.AdminApi.Accounts;

/// <summary>Reads an account's quotas from a request; those that are not sent keep their values.</summary>
internal static class AccountFields
{
    private static readonly string[] ReadOnly =
        ["id", "code", "name", "carrier_id", "available_calls_per_second", "needed_calls_per_second", "created_at", "updated_at"];

    private static readonly string[] Known =
    [
        "calls_per_second", "calls_per_5_minutes", "calls_per_month", "max_in_flight", "cards_per_call", "weight", "billing_cycle_day",
        "time_zone", "maintenance_windows", "status",
    ];

    public static Task<JsonBody> ReadAsync(HttpRequest request, Parameters parameters, CancellationToken cancellationToken) =>
        JsonBody.ReadAsync(request, parameters, ReadOnly, Known, cancellationToken);

    /// <summary>Applies what was sent; what breaks a rule stands in <paramref name="parameters"/> then, and the account must not be saved.</summary>
    public static void Apply(JsonBody body, Parameters parameters, CarrierAccount account)
    {
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
}
