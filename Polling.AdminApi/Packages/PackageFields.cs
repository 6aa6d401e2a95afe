using System.Globalization;
using Polling.AdminApi.Http;
using Polling.Core.Carriers;
using Polling.Core.Packages;

namespace Polling.AdminApi.Packages;

/// <summary>Reads the fields of packages, pools and add-ons from a request; those that are not sent keep their values.</summary>
internal static class PackageFields
{
    public const int ReferenceLengthMax = 100;
    public const string DayRule = "a day as yyyy-MM-dd";
    private const string Allowance = "allowance_bytes";
    private static readonly string CodeRule = $"1 to {Package.CodeLengthMax} characters without control characters";
    private static readonly string NameRule = $"1 to {Package.NameLengthMax} characters";
    private static readonly string ReferenceRule = $"1 to {ReferenceLengthMax} characters";
    private static readonly string AllowanceRule = $"an integer from 0 to {Package.AllowanceBytesMax}";
    private static readonly string[] ReadOnly = ["id", "created_at", "updated_at"];

    private static readonly string[] OfPackage =
        ["name", Allowance, "limit_percent", "warn_percent", "valid_until", "real_name_above_bytes", "is_directional"];

    private static readonly string[] OfPool = ["name", Allowance];

    public static async Task<Package> ReadNewPackageAsync(HttpRequest request, Parameters parameters, CancellationToken cancellationToken)
    {
        var package = new Package { Code = "", Name = "" };
        var body = await JsonBody.ReadAsync(request, parameters, [], ["code", .. OfPackage], cancellationToken);
        body.Require(Allowance, AllowanceRule);
        Code(body, code => package.Code = code);
        body.Require("name", NameRule);
        Apply(body, package);
        return package;
    }

    public static async Task ApplyAsync(HttpRequest request, Parameters parameters, Package package, CancellationToken cancellationToken) =>
        Apply(await JsonBody.ReadAsync(request, parameters, ["code", .. ReadOnly], OfPackage, cancellationToken), package);

    public static async Task<UsagePool> ReadNewPoolAsync(HttpRequest request, Parameters parameters, CancellationToken cancellationToken)
    {
        var pool = new UsagePool { Code = "", Name = "" };
        var body = await JsonBody.ReadAsync(request, parameters, [], ["code", "account_id", .. OfPool], cancellationToken);
        Code(body, code => pool.Code = code);
        body.Require("name", NameRule);
        body.Require("account_id", "the id of a carrier account");
        body.Number("account_id", 1, CarrierAccount.IdMax, id => pool.AccountId = id);
        Apply(body, pool);
        return pool;
    }

    public static async Task ApplyAsync(HttpRequest request, Parameters parameters, UsagePool pool, CancellationToken cancellationToken) =>
        Apply(await JsonBody.ReadAsync(request, parameters, ["code", "account_id", .. ReadOnly], OfPool, cancellationToken), pool);

    /// <summary>An add-on; its <see cref="PackageAddon.Cycle"/> is left as it is when none was sent.</summary>
    public static async Task<(long AllowanceBytes, string Reference, DateOnly? Cycle)> ReadAddonAsync(
        HttpRequest request, Parameters parameters, CancellationToken cancellationToken)
    {
        var (allowance, reference) = (0L, "");
        DateOnly? cycle = null;
        var body = await JsonBody.ReadAsync(request, parameters, [], [Allowance, "reference", "cycle"], cancellationToken);
        body.Require(Allowance, $"an integer from 1 to {Package.AllowanceBytesMax}");
        body.Require("reference", ReferenceRule);
        body.Number(Allowance, 1, Package.AllowanceBytesMax, bytes => allowance = bytes);
        body.Text("reference", ReferenceRule, text =>
        {
            reference = text.Trim();
            return reference.Length is > 0 and <= ReferenceLengthMax;
        });
        body.Text("cycle", DayRule, text => Day(text, day => cycle = day));
        return (allowance, reference, cycle);
    }

    private static void Apply(JsonBody body, Package package)
    {
        Name(body, name => package.Name = name);
        body.Number(Allowance, 0, Package.AllowanceBytesMax, bytes => package.AllowanceBytes = bytes);
        body.Number<short>("limit_percent", 1, 1000, percent => package.LimitPercent = percent);
        body.Number<short>("warn_percent", 1, 1000, percent => package.WarnPercent = percent);
        body.TextOrNull("valid_until", $"{DayRule}, or null", text =>
        {
            package.ValidUntil = null;
            return text is null || Day(text, day => package.ValidUntil = day);
        });
        body.NumberOrNull<long>("real_name_above_bytes", 0, Package.AllowanceBytesMax, bytes => package.RealNameAboveBytes = bytes);
        body.Flag("is_directional", isDirectional => package.IsDirectional = isDirectional);
    }

    private static void Apply(JsonBody body, UsagePool pool)
    {
        Name(body, name => pool.Name = name);
        body.Number(Allowance, 0, Package.AllowanceBytesMax, bytes => pool.AllowanceBytes = bytes);
    }

    private static void Code(JsonBody body, Action<string> take)
    {
        body.Require("code", CodeRule);
        body.Text("code", CodeRule, text =>
        {
            take(text.Trim());
            return text.Trim().Length is > 0 and <= Package.CodeLengthMax;
        });
    }

    private static void Name(JsonBody body, Action<string> take) => body.Text("name", NameRule, text =>
    {
        take(text.Trim());
        return text.Trim().Length is > 0 and <= Package.NameLengthMax;
    });

    private static bool Day(string text, Action<DateOnly> take)
    {
        var isDay = DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day);
        take(day);
        return isDay;
    }
}
