using System.Collections.Frozen;

namespace Polling.Core.Cards.Import;

/// <summary>The carriers, accounts, packages and pools that rows may name, as of the import's start.</summary>
public sealed class AccountDirectory
{
    private const int NamedMax = 10;

    private readonly FrozenDictionary<string, int> _carriers;
    private readonly FrozenDictionary<string, (int Id, int CarrierId)> _accounts;
    private readonly FrozenSet<int> _packages;
    private readonly FrozenDictionary<string, (int Id, int AccountId)> _pools;

    /// <param name="carriers">Code and id of every carrier.</param>
    /// <param name="accounts">Code, id and carrier of every account.</param>
    /// <param name="packages">Id of every package.</param>
    /// <param name="pools">Code, id and account of every pool.</param>
    public AccountDirectory(
        IEnumerable<(string Code, int Id)> carriers, IEnumerable<(string Code, int Id, int CarrierId)> accounts, IEnumerable<int> packages,
        IEnumerable<(string Code, int Id, int AccountId)> pools)
    {
        _packages = packages.ToFrozenSet();
        _pools = pools.ToFrozenDictionary(pool => pool.Code, pool => (pool.Id, pool.AccountId), StringComparer.Ordinal);
        _carriers = carriers.ToFrozenDictionary(carrier => carrier.Code, carrier => carrier.Id, StringComparer.Ordinal);
        _accounts = accounts.ToFrozenDictionary(
            account => account.Code, account => (account.Id, account.CarrierId), StringComparer.Ordinal);
    }

    /// <summary>The carrier's id, or null and a sentence that names some that exist.</summary>
    public int? Carrier(string code, out string? reason)
    {
        reason = null;
        if (_carriers.TryGetValue(code, out var id))
        {
            return id;
        }

        reason = $"no carrier has this code; {Some(_carriers.Keys)}";
        return null;
    }

    /// <summary>The account's id, or null and a sentence that says what is wrong.</summary>
    public int? Account(string code, int carrierId, out string? reason)
    {
        reason = null;
        if (_accounts.TryGetValue(code, out var account) && account.CarrierId == carrierId)
        {
            return account.Id;
        }

        var ofCarrier = _accounts.Where(pair => pair.Value.CarrierId == carrierId).Select(pair => pair.Key);
        reason = $"the carrier has no account of this code; {Some(ofCarrier)}";
        return null;
    }

    /// <summary>Whether there is a package of this id.</summary>
    public bool HasPackage(int id) => _packages.Contains(id);

    /// <summary>The pool's id, or null and a sentence that says what is wrong.</summary>
    public int? Pool(string code, int accountId, out string? reason)
    {
        reason = null;
        if (_pools.TryGetValue(code, out var pool) && pool.AccountId == accountId)
        {
            return pool.Id;
        }

        reason = $"the account has no pool of this code; {Some(_pools.Where(pair => pair.Value.AccountId == accountId).Select(pair => pair.Key))}";
        return null;
    }

    private static string Some(IEnumerable<string> codes)
    {
        var some = codes.Order(StringComparer.Ordinal).Take(NamedMax + 1).ToList();
        return some.Count == 0
            ? "there is none yet"
            : $"there is {string.Join(", ", some.Take(NamedMax))}{(some.Count > NamedMax ? ", …" : "")}";
    }
}
