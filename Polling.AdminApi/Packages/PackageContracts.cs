using System.ComponentModel.DataAnnotations;
using Polling.Core.Carriers;
using Polling.Core.Packages;

namespace Polling.AdminApi.Packages;

/// <summary>A package: what cards may use in a billing cycle.</summary>
internal sealed record PackageAnswer(
    int Id, string Code, string Name, long AllowanceBytes, short LimitPercent, short WarnPercent, DateOnly? ValidUntil, long? RealNameAboveBytes,
    bool IsDirectional, DateTimeOffset CreatedAt, DateTimeOffset UpdatedAt)
{
    public static PackageAnswer Of(Package package) => new(
        package.Id, package.Code, package.Name, package.AllowanceBytes, package.LimitPercent, package.WarnPercent, package.ValidUntil,
        package.RealNameAboveBytes, package.IsDirectional, package.CreatedAt, package.UpdatedAt);
}

/// <summary>A page of packages, in the order of their ids.</summary>
internal sealed record PackagePageAnswer(IReadOnlyList<PackageAnswer> Items, long Total, int Page, int PageSize);

/// <summary>A new package.</summary>
/// <param name="Code">1 to 64 characters, unique; it never changes.</param>
/// <param name="Name">1 to 100 characters.</param>
/// <param name="AllowanceBytes">Bytes in a cycle, 0 to 2^50.</param>
/// <param name="LimitPercent">At so many per cent of it a card is over it; 1 to 1,000, default 100.</param>
/// <param name="WarnPercent">At so many per cent it is near it; 1 to 1,000, default 80.</param>
/// <param name="ValidUntil">The last day that it can be had; null = without an end.</param>
/// <param name="RealNameAboveBytes">A card that used more in a cycle must be real-named; null = no such rule.</param>
/// <param name="IsDirectional">Only destinations that were agreed: the real-name rule does not hold. Default false.</param>
internal sealed record NewPackage(
    [property: StringLength(Package.CodeLengthMax, MinimumLength = 1)] string Code,
    [property: StringLength(Package.NameLengthMax, MinimumLength = 1)] string Name,
    [property: Range(0L, Package.AllowanceBytesMax)] long AllowanceBytes,
    [property: Range(1, 1000)] short? LimitPercent,
    [property: Range(1, 1000)] short? WarnPercent,
    DateOnly? ValidUntil,
    [property: Range(0L, Package.AllowanceBytesMax)] long? RealNameAboveBytes,
    bool? IsDirectional);

/// <summary>What may be changed of a package; what is left out keeps its value.</summary>
/// <param name="Name">1 to 100 characters.</param>
/// <param name="AllowanceBytes">Bytes in a cycle, 0 to 2^50.</param>
/// <param name="LimitPercent">At so many per cent of it a card is over it; 1 to 1,000, default 100.</param>
/// <param name="WarnPercent">At so many per cent it is near it; 1 to 1,000, default 80.</param>
/// <param name="ValidUntil">The last day that it can be had; null = without an end.</param>
/// <param name="RealNameAboveBytes">A card that used more in a cycle must be real-named; null = no such rule.</param>
/// <param name="IsDirectional">Only destinations that were agreed: the real-name rule does not hold. Default false.</param>
internal sealed record PackageChange(
    [property: StringLength(Package.NameLengthMax, MinimumLength = 1)] string? Name,
    [property: Range(0L, Package.AllowanceBytesMax)] long? AllowanceBytes,
    [property: Range(1, 1000)] short? LimitPercent,
    [property: Range(1, 1000)] short? WarnPercent,
    DateOnly? ValidUntil,
    [property: Range(0L, Package.AllowanceBytesMax)] long? RealNameAboveBytes,
    bool? IsDirectional);

/// <summary>A pool: an allowance that cards of one account share.</summary>
/// <param name="Id">Id.</param>
/// <param name="Code">As CSV files name it.</param>
/// <param name="Name">For people.</param>
/// <param name="AccountId">Whose cards it is for.</param>
/// <param name="AllowanceBytes">Besides what its active cards' packages add.</param>
/// <param name="CreatedAt">When it was made.</param>
/// <param name="UpdatedAt">When it was last changed.</param>
internal sealed record PoolAnswer(
    int Id, string Code, string Name, int AccountId, long AllowanceBytes, DateTimeOffset CreatedAt, DateTimeOffset UpdatedAt)
{
    public static PoolAnswer Of(UsagePool pool) => new(pool.Id, pool.Code, pool.Name, pool.AccountId, pool.AllowanceBytes, pool.CreatedAt, pool.UpdatedAt);
}

/// <summary>A page of pools, in the order of their ids.</summary>
internal sealed record PoolPageAnswer(IReadOnlyList<PoolAnswer> Items, long Total, int Page, int PageSize);

/// <summary>A new pool.</summary>
/// <param name="Code">1 to 64 characters, unique; it never changes.</param>
/// <param name="Name">1 to 100 characters.</param>
/// <param name="AccountId">The account whose cards share it; it never changes.</param>
/// <param name="AllowanceBytes">Bytes in a cycle besides what its cards' packages add, 0 to 2^50; default 0.</param>
internal sealed record NewPool(
    [property: StringLength(Package.CodeLengthMax, MinimumLength = 1)] string Code,
    [property: StringLength(Package.NameLengthMax, MinimumLength = 1)] string Name,
    [property: Range(1, CarrierAccount.IdMax)] int AccountId,
    [property: Range(0L, Package.AllowanceBytesMax)] long? AllowanceBytes);

/// <summary>What may be changed of a pool; what is left out keeps its value.</summary>
/// <param name="Name">1 to 100 characters.</param>
/// <param name="AllowanceBytes">Bytes in a cycle besides what its cards' packages add, 0 to 2^50; default 0.</param>
internal sealed record PoolChange(
    [property: StringLength(Package.NameLengthMax, MinimumLength = 1)] string? Name,
    [property: Range(0L, Package.AllowanceBytesMax)] long? AllowanceBytes);

/// <summary>An add-on: more allowance for one cycle.</summary>
internal sealed record AddonAnswer(
    long Id, long? CardId, int? PoolId, DateOnly Cycle, long AllowanceBytes, string Reference, DateTimeOffset CreatedAt, string CreatedBy)
{
    public static AddonAnswer Of(PackageAddon addon) => new(
        addon.Id, addon.CardId, addon.PoolId, addon.Cycle, addon.AllowanceBytes, addon.Reference, addon.CreatedAt, addon.CreatedBy);
}

/// <summary>All add-ons of a card or of a pool, the newest first.</summary>
internal sealed record AddonListAnswer(IReadOnlyList<AddonAnswer> Items, int Total);

/// <summary>A new add-on.</summary>
/// <param name="AllowanceBytes">1 to 2^50.</param>
/// <param name="Reference">The caller's own number for it, 1 to 100 characters: sent twice it counts once.</param>
/// <param name="Cycle">First day of the billing cycle that it is for; the present one when it is left out.</param>
internal sealed record NewAddon(
    [property: Range(1L, Package.AllowanceBytesMax)] long AllowanceBytes,
    [property: StringLength(PackageFields.ReferenceLengthMax, MinimumLength = 1)] string Reference,
    DateOnly? Cycle);
