using System.ComponentModel.DataAnnotations;
using Polling.Core.Access;

namespace Polling.AdminApi.Access;

/// <summary>An API key; the key itself is never shown again.</summary>
/// <param name="Id">Id.</param>
/// <param name="Name">Whom the audit log names.</param>
/// <param name="Prefix">Its first characters, to tell keys apart.</param>
/// <param name="Scope">read, operate or admin.</param>
/// <param name="State">valid, expired or revoked.</param>
/// <param name="CreatedAt">When it was made.</param>
/// <param name="CreatedBy">By whom.</param>
/// <param name="ExpiresAt">From then on it is refused; null = never.</param>
/// <param name="RevokedAt">When it was revoked.</param>
/// <param name="LastUsedAt">To about a minute; null = never.</param>
internal sealed record KeyAnswer(
    int Id,
    string Name,
    string Prefix,
    string Scope,
    string State,
    DateTimeOffset CreatedAt,
    string CreatedBy,
    DateTimeOffset? ExpiresAt,
    DateTimeOffset? RevokedAt,
    DateTimeOffset? LastUsedAt)
{
    public static KeyAnswer Of(ApiKey key, DateTimeOffset now) => new(
        key.Id, key.Name, key.Prefix, key.Scope.Name(), key.RevokedAt is not null ? "revoked" : key.IsValidAt(now) ? "valid" : "expired",
        key.CreatedAt, key.CreatedBy, key.ExpiresAt, key.RevokedAt, key.LastUsedAt);
}

/// <summary>All API keys, in the order of their ids; also those that open nothing any more.</summary>
internal sealed record KeyListAnswer(IReadOnlyList<KeyAnswer> Items, int Total);

/// <summary>A new API key.</summary>
/// <param name="Key">Its description.</param>
/// <param name="Token">The key itself, for <c>Authorization: Bearer …</c>. It is shown only here.</param>
internal sealed record NewKeyAnswer(KeyAnswer Key, string Token);

/// <summary>What a new API key is to be.</summary>
/// <param name="Name">1 to 100 characters; one key of a name that is not revoked.</param>
/// <param name="Scope">read, operate or admin.</param>
/// <param name="ExpiresAt">A time with its offset; null (default) = never.</param>
internal sealed record NewKey(
    [property: StringLength(ApiKey.NameLengthMax, MinimumLength = 1)] string Name,
    [property: AllowedValues("read", "operate", "admin")] string Scope,
    DateTimeOffset? ExpiresAt);
