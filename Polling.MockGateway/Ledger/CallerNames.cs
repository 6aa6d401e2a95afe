using System.Collections.Concurrent;

namespace Polling.MockGateway.Ledger;

/// <summary>One string a caller instead of one a call; beyond 10,000 callers names are kept as they come.</summary>
internal static class CallerNames
{
    private const int Max = 10_000;
    private static readonly ConcurrentDictionary<string, string> Names = new(StringComparer.Ordinal);

    public static string Intern(string name) =>
        Names.TryGetValue(name, out var known) ? known : Names.Count < Max ? Names.GetOrAdd(name, name) : name;
}
