using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Polling.Weeks.Tests.Checks;

/// <summary>What two runs with one seed must have in common: the ledger to the byte, and who was suspended and resumed, in lines.</summary>
internal sealed record Digest(IReadOnlyList<string> Lines)
{
    /// <summary>SHA-256 of all lines.</summary>
    public string Hash { get; } = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\n', Lines))));

    public static Digest Of(IEnumerable<LedgerRow> ledger, IEnumerable<SuspensionRow> suspensions) => new(
    [
        .. ledger.Select(row => string.Create(
            CultureInfo.InvariantCulture, $"{row.Card} {row.Cycle:yyyy-MM-dd} used {row.UsedBytes}{(row.IsStated ? " stated" : "")}")).Order(StringComparer.Ordinal),
        .. suspensions.Where(row => row.IsDone).Select(row => string.Create(
            CultureInfo.InvariantCulture, $"{row.Card} {row.Cycle:yyyy-MM-dd} episode {row.Episode} {(row.IsStop ? "stopped" : "resumed")}")).Order(StringComparer.Ordinal),
    ]);

    /// <summary>Lines that only one of the two has.</summary>
    public IEnumerable<string> DifferencesFrom(Digest other) =>
        Lines.Except(other.Lines).Select(line => "only in the second: " + line).Concat(other.Lines.Except(Lines).Select(line => "only in the first: " + line)).Order(StringComparer.Ordinal);
}
