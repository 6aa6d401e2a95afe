namespace Polling.Core.Persistence;

/// <summary>Table <c>tb_singleton_lease</c>; read and written by <see cref="SingletonLease"/> only.</summary>
public sealed class SingletonLeaseRow
{
    public required string Name { get; set; }

    public required string Holder { get; set; }

    public long Term { get; set; }

    public DateTimeOffset ExpiresAt { get; set; }
}
