namespace Polling.Core.Packages;

/// <summary>What cards may use in a billing cycle. Table <c>tb_package</c>; a card's is <c>tb_card.package_id</c>, and one without is never suspended for its usage.</summary>
public sealed class Package
{
    public const int CodeLengthMax = 64;

    public const int NameLengthMax = 100;

    /// <summary>1 PiB: more is a mistake.</summary>
    public const long AllowanceBytesMax = 1L << 50;

    public int Id { get; set; }

    /// <summary>Unique; 1 to <see cref="CodeLengthMax"/> characters.</summary>
    public required string Code { get; set; }

    public required string Name { get; set; }

    /// <summary>What each card may use in a cycle, 0 or more; of a pool's cards what each of them adds to the pool.</summary>
    public long AllowanceBytes { get; set; }

    /// <summary>At so many per cent of the limit a card is over it: 1 to 1,000, usually 100.</summary>
    public short LimitPercent { get; set; } = 100;

    /// <summary>At so many per cent of the limit a card is near it: 1 to 1,000, usually 80.</summary>
    public short WarnPercent { get; set; } = 80;

    /// <summary>The last day that it can be had; null = without an end. Told, not enforced.</summary>
    public DateOnly? ValidUntil { get; set; }

    /// <summary>
    /// Cards that used more in a cycle must be real-named, else they are suspended; null = no such rule. (China's rule for cards that reach
    /// any destination: 100 MB a month.)
    /// </summary>
    public long? RealNameAboveBytes { get; set; }

    /// <summary>The card reaches only destinations that were agreed: <see cref="RealNameAboveBytes"/> does not hold.</summary>
    public bool IsDirectional { get; set; }

    public long RowVersion { get; set; } = 1;

    public DateTimeOffset CreatedAt { get; set; }

    public DateTimeOffset UpdatedAt { get; set; }
}

/// <summary>An allowance that cards share: used up together. Table <c>tb_usage_pool</c>; a card's is <c>tb_card.pool_id</c>.</summary>
public sealed class UsagePool
{
    public int Id { get; set; }

    public required string Code { get; set; }

    public required string Name { get; set; }

    /// <summary>All its cards are this account's.</summary>
    public int AccountId { get; set; }

    /// <summary>Besides what its cards' packages add, bytes in a cycle.</summary>
    public long AllowanceBytes { get; set; }

    public long RowVersion { get; set; } = 1;

    public DateTimeOffset CreatedAt { get; set; }

    public DateTimeOffset UpdatedAt { get; set; }
}

/// <summary>What a pool's cards have used together in a cycle: the sum of their ledgers. Table <c>tb_usage_pool_cycle</c>.</summary>
public sealed class UsagePoolCycle
{
    public int PoolId { get; set; }

    public DateOnly Cycle { get; set; }

    public long UsedBytes { get; set; }
}

/// <summary>More allowance for one cycle, of a card or of a pool (a top-up). Table <c>tb_package_addon</c>; entries are only ever added.</summary>
public sealed class PackageAddon
{
    public long Id { get; set; }

    /// <summary>Null = it is a pool's.</summary>
    public long? CardId { get; set; }

    public int? PoolId { get; set; }

    /// <summary>First day of the cycle that it is for.</summary>
    public DateOnly Cycle { get; set; }

    public long AllowanceBytes { get; set; }

    /// <summary>The caller's own number for it, unique: sent twice it counts once.</summary>
    public required string Reference { get; set; }

    public DateTimeOffset CreatedAt { get; set; }

    public required string CreatedBy { get; set; }
}
