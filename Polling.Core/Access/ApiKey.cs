using Polling.Core.AuditLog;

namespace Polling.Core.Access;

/// <summary>Who may use the admin API. Table <c>tb_api_key</c>; the key itself is shown once and kept nowhere.</summary>
public sealed class ApiKey
{
    public const int NameLengthMax = 100;

    // The names that logs have for callers without a key.
    private static readonly string[] NoNames = [AuditCallers.Development, AuditCallers.CommandLine, AuditCallers.Nobody];

    /// <summary>For messages.</summary>
    public static string NameRule { get; } = $"1 to {NameLengthMax} characters, and none of {string.Join(", ", NoNames)}";

    public int Id { get; set; }

    /// <summary>Whom the audit log names; one valid key of a name at a time.</summary>
    public required string Name { get; set; }

    /// <summary>The key's first characters, to tell keys apart.</summary>
    public required string Prefix { get; set; }

    /// <summary>SHA-256 of the key. (A key is 256 random bits: nothing can be guessed, so a slow hash would protect nothing.)</summary>
    public required byte[] Hash { get; set; }

    public ApiScope Scope { get; set; }

    public DateTimeOffset CreatedAt { get; set; }

    public required string CreatedBy { get; set; }

    /// <summary>From then on it is refused; null = never.</summary>
    public DateTimeOffset? ExpiresAt { get; set; }

    public DateTimeOffset? RevokedAt { get; set; }

    /// <summary>To about a minute; null = never.</summary>
    public DateTimeOffset? LastUsedAt { get; set; }

    /// <summary>Whether a key may have that name: nobody is to look like somebody else in the logs.</summary>
    public static bool IsName(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        return name.Length is > 0 and <= NameLengthMax && name == name.Trim() && !name.Any(char.IsControl)
            && !NoNames.Contains(name, StringComparer.OrdinalIgnoreCase);
    }

    /// <summary>Whether it opens anything at that time.</summary>
    public bool IsValidAt(DateTimeOffset time) => RevokedAt is null && (ExpiresAt is not { } end || end > time);
}

/// <summary>What a key allows; each includes those before it.</summary>
public enum ApiScope : short
{
    /// <summary>To look at everything.</summary>
    Read = 0,

    /// <summary>To do what operators do: triggers, configurations, limits, pauses, alert rules, imports.</summary>
    Operate = 1,

    /// <summary>To make and revoke keys, and to make and delete carriers and accounts.</summary>
    Admin = 2,
}

/// <summary>The names of scopes in the API and the table.</summary>
public static class ApiScopes
{
    private static readonly string[] All = ["read", "operate", "admin"];

    /// <summary>For messages.</summary>
    public static string Names { get; } = string.Join(", ", All);

    public static string Name(this ApiScope scope) => All[(int)scope];

    /// <summary>The scope of that name, or null.</summary>
    public static ApiScope? Find(string? name) => Array.IndexOf(All, name) is var index and >= 0 ? (ApiScope)index : null;
}
