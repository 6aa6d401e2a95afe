using System.Globalization;
using StackExchange.Redis;

namespace Polling.Core.Queue.Tokens;

/// <summary>A token that a carrier issued to an account.</summary>
/// <param name="Value">The token; secret.</param>
/// <param name="Left">How long it is good yet.</param>
/// <param name="Lifetime">How long it was good when it was issued.</param>
public sealed record CarrierToken(string Value, TimeSpan Left, TimeSpan Lifetime)
{
    private const int RenewedInLast = 10;

    /// <summary>Whether it ends so soon that somebody should fetch the next one: in the last tenth of its lifetime.</summary>
    public bool EndsSoon => Left < Lifetime / RenewedInLast;
}

/// <summary>
/// The carriers' tokens, shared by all processes, and the right to fetch the next one, which one process has at a time.
/// </summary>
/// <remarks>
/// The right ends by itself when its holder dies. A holder that stood still for longer may store a token after another's: both are good, the later
/// one is used.
/// </remarks>
public sealed class CarrierTokens(IConnectionMultiplexer redis, RedisKeys keys)
{
    private IDatabase Database => redis.GetDatabase();

    /// <summary>The account's token, or null: there is none, or it has ended.</summary>
    public async Task<CarrierToken?> FindAsync(int accountId)
    {
        var entry = await Database.StringGetWithExpiryAsync(keys.Token(accountId));
        return (string?)entry.Value is { } text && text.IndexOf(' ', StringComparison.Ordinal) is var space and > 0
            && long.TryParse(text.AsSpan(0, space), NumberStyles.None, CultureInfo.InvariantCulture, out var lifetimeMs)
            ? new CarrierToken(text[(space + 1)..], entry.Expiry ?? TimeSpan.Zero, TimeSpan.FromMilliseconds(lifetimeMs))
            : null;
    }

    /// <summary>Keeps a token until it ends.</summary>
    public Task StoreAsync(int accountId, string token, TimeSpan lifetime) => Database.StringSetAsync(
        keys.Token(accountId), string.Create(CultureInfo.InvariantCulture, $"{(long)lifetime.TotalMilliseconds} {token}"), lifetime);

    /// <summary>Asks for the right to fetch the next token.</summary>
    /// <param name="accountId">Carrier account.</param>
    /// <param name="owner">Who asks: unique over all processes and calls.</param>
    /// <param name="atMost">The right ends by itself after this time.</param>
    /// <returns>False: somebody else has it.</returns>
    public Task<bool> TryBeginAsync(int accountId, string owner, TimeSpan atMost) => Database.LockTakeAsync(keys.TokenLock(accountId), owner, atMost);

    /// <summary>Gives the right back, if the owner still has it.</summary>
    public Task EndAsync(int accountId, string owner) => Database.LockReleaseAsync(keys.TokenLock(accountId), owner);
}
