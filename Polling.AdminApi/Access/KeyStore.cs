using Microsoft.EntityFrameworkCore;
using Npgsql;
using Polling.AdminApi.AuditLog;
using Polling.AdminApi.Http;
using Polling.Core.Access;
using Polling.Core.Persistence;

namespace Polling.AdminApi.Access;

/// <summary>The API keys in PostgreSQL.</summary>
internal sealed class KeyStore(PollingDbContext context, AuditTrail audit, TimeProvider clock)
{
    public async Task<KeyListAnswer> ListAsync(CancellationToken cancellationToken)
    {
        var keys = await context.ApiKeys.AsNoTracking().OrderBy(key => key.Id).ToArrayAsync(cancellationToken);
        return new KeyListAnswer(Array.ConvertAll(keys, key => KeyAnswer.Of(key, clock.GetUtcNow())), keys.Length);
    }

    public Task<ApiKey?> FindAsync(int id, CancellationToken cancellationToken) =>
        context.ApiKeys.SingleOrDefaultAsync(key => key.Id == id, cancellationToken);

    /// <summary>Makes a key.</summary>
    /// <returns>Null: a key of that name is not revoked.</returns>
    public async Task<NewKeyAnswer?> CreateAsync(string name, ApiScope scope, DateTimeOffset? expiresAt, string caller, CancellationToken cancellationToken)
    {
        var now = clock.SaveTime();
        var token = ApiToken.New();
        var key = new ApiKey
        {
            Name = name,
            Prefix = ApiToken.PrefixOf(token),
            Hash = ApiToken.HashOf(token),
            Scope = scope,
            CreatedAt = now,
            CreatedBy = caller,
            ExpiresAt = expiresAt,
        };
        context.ApiKeys.Add(key);
        try
        {
            await audit.SaveChangesAsync(cancellationToken);
        }
        catch (DbUpdateException e) when (e.InnerException is PostgresException { SqlState: PostgresErrorCodes.UniqueViolation })
        {
            return null;
        }

        return new NewKeyAnswer(KeyAnswer.Of(key, now), token);
    }

    /// <summary>Revokes a key; one that was revoked stays as it is.</summary>
    public async Task RevokeAsync(ApiKey key, CancellationToken cancellationToken)
    {
        if (key.RevokedAt is null)
        {
            key.RevokedAt = clock.SaveTime();
            await audit.SaveChangesAsync(cancellationToken);
        }
    }

    /// <summary>Whether another key could make and revoke keys.</summary>
    public Task<bool> HasOtherAdminAsync(ApiKey key, CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        return context.ApiKeys.AnyAsync(
            other => other.Id != key.Id && other.Scope == ApiScope.Admin && other.RevokedAt == null && (other.ExpiresAt == null || other.ExpiresAt > now),
            cancellationToken);
    }
}
