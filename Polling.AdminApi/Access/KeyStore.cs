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
    /// <returns>False: no other key could make and revoke keys then, and <paramref name="mayBeLast"/> says that this may not be.</returns>
    public async Task<bool> RevokeAsync(ApiKey key, bool mayBeLast, CancellationToken cancellationToken)
    {
        if (key.RevokedAt is not null)
        {
            return true;
        }

        key.RevokedAt = clock.SaveTime();
        return await audit.SaveChangesAsync(
            cancellationToken, mayBeLast || key.Scope != ApiScope.Admin ? null : cancellation => HasOtherAdminAsync(key, cancellation));
    }

    // Two administrators who revoke each other's keys at once come one after the other.
    private async Task<bool> HasOtherAdminAsync(ApiKey key, CancellationToken cancellationToken)
    {
        await context.Database.ExecuteSqlAsync($"LOCK TABLE tb_api_key IN SHARE ROW EXCLUSIVE MODE", cancellationToken);
        var now = clock.GetUtcNow();
        return await context.ApiKeys.AnyAsync(
            other => other.Id != key.Id && other.Scope == ApiScope.Admin && other.RevokedAt == null && (other.ExpiresAt == null || other.ExpiresAt > now),
            cancellationToken);
    }
}
