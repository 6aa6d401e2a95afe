using System.Collections.Concurrent;

namespace Polling.MockGateway.Quotas;

/// <summary>The accounts that have called, made on their first call; so many at most, as the caller names them.</summary>
internal sealed class CarrierAccounts
{
    public const int Max = 10_000;
    public const string CodeRule = "1 to 64 letters, digits, '-', '_' or '.'";

    private readonly ConcurrentDictionary<string, CarrierAccount> _accounts = new(StringComparer.Ordinal);

    public IEnumerable<CarrierAccount> All => _accounts.Values.OrderBy(account => account.Code, StringComparer.Ordinal);

    /// <summary>The account, or null when its code breaks <see cref="CodeRule"/> or there are too many.</summary>
    public CarrierAccount? Find(string code)
    {
        if (_accounts.TryGetValue(code, out var known))
        {
            return known;
        }

        var valid = code.Length is > 0 and <= 64 && code.All(static c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.');
        return valid && _accounts.Count < Max ? _accounts.GetOrAdd(code, static code => new CarrierAccount(code)) : null;
    }

    public void Reset()
    {
        foreach (var account in _accounts.Values)
        {
            account.Reset();
        }
    }
}
