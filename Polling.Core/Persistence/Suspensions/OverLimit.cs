using Npgsql;
using Polling.Core.Suspensions;

namespace Polling.Core.Persistence.Suspensions;

/// <summary>Whether a card is over a limit now, by the ledger.</summary>
/// <param name="CardId">The card.</param>
/// <param name="Cycle">The present cycle of its account.</param>
/// <param name="UsedBytes">Used in it; 0 when there is no reading yet.</param>
/// <param name="LimitBytes">What it may use; null = it has no limit.</param>
/// <param name="Rule">What it breaks; null = nothing.</param>
/// <param name="IsFresh">The reading is fresh enough to decide by.</param>
/// <param name="IsExempt">It is not suspended whatever it uses.</param>
public sealed record LimitDecision(
    long CardId, DateOnly Cycle, long UsedBytes, long? LimitBytes, SuspensionRule? Rule, bool IsFresh, bool IsExempt);

/// <summary>Placeholder.</summary>
public sealed class OverLimit(NpgsqlDataSource postgres)
{
    public async Task<IReadOnlyDictionary<long, LimitDecision>> ReadAsync(IReadOnlyCollection<long> cardIds, DateTimeOffset now, CancellationToken cancellation)
    {
        await using var command = postgres.Command("SELECT $1, $2", cardIds.ToArray(), now.UtcDateTime);
        await command.ExecuteNonQueryAsync(cancellation);
        return new Dictionary<long, LimitDecision>();
    }
}
