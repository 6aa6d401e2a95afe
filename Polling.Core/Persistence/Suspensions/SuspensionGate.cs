using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Npgsql;
using Polling.Core.Suspensions;

namespace Polling.Core.Persistence.Suspensions;

/// <summary>What the gate says.</summary>
public enum GateDecision
{
    /// <summary>It stands as sent now: the carrier may be asked.</summary>
    Pass,

    /// <summary>The breaker has tripped: it is held until a person releases it.</summary>
    Held,

    /// <summary>Somebody else has taken it over.</summary>
    Lost,

    /// <summary>The account's mode has changed: it is not to be suspended (any more).</summary>
    Off,

    /// <summary>The account is in dry run.</summary>
    DryRun,
}

/// <summary>
/// Through it goes every suspension right before its carrier is asked. Of an account at most so many pass within its window; the next one trips
/// the account's breaker, and nothing more is suspended there until a person releases it.
/// </summary>
/// <remarks>
/// The breaker's row is locked while a suspension is counted and written down as sent, so that processes side by side cannot let more through.
/// What was sent counts, whatever came of it. A release begins the count anew. What a person asks for is neither counted nor held.
/// </remarks>
public sealed partial class SuspensionGate(NpgsqlDataSource postgres, ILogger<SuspensionGate> logger)
{
    private static readonly TimeSpan CountEvery = TimeSpan.FromMinutes(1);
    private readonly ConcurrentDictionary<int, (DateTimeOffset At, long Cards)> _cards = [];

    /// <summary>Asks for one suspension or resume.</summary>
    public async Task<GateDecision> PassAsync(SuspensionWork work, DateTimeOffset now, CancellationToken cancellation)
    {
        await using var connection = await postgres.OpenConnectionAsync(cancellation);
        await using var transaction = await connection.BeginTransactionAsync(cancellation);
        var decision = work.IsStop && !work.IsManual
            ? await CountAsync(connection, transaction, work, now, cancellation)
            : GateDecision.Pass;
        if (decision is GateDecision.Pass or GateDecision.Held)
        {
            await using var mark = connection.Command(
                transaction,
                decision == GateDecision.Pass
                    ? "UPDATE tb_suspension SET state = 3, sent_at = coalesce(sent_at, $3), attempts = attempts + 1 WHERE id = $1 AND lease_owner = $2 AND lease_until > now()"
                    : "UPDATE tb_suspension SET state = 2, next_attempt_at = $3, lease_owner = NULL, lease_until = NULL WHERE id = $1 AND lease_owner = $2",
                work.Id, work.Owner, now.UtcDateTime);
            if (await mark.ExecuteNonQueryAsync(cancellation) == 0)
            {
                return GateDecision.Lost;
            }
        }

        await transaction.CommitAsync(cancellation);
        return decision;
    }

    private async Task<GateDecision> CountAsync(
        NpgsqlConnection connection, NpgsqlTransaction transaction, SuspensionWork work, DateTimeOffset now, CancellationToken cancellation)
    {
        await using (var make = connection.Command(
            transaction,
            "INSERT INTO tb_suspension_breaker (account_id, is_tripped, tripped_at, reason) VALUES ($1, false, $2, '') ON CONFLICT DO NOTHING",
            work.AccountId, now.UtcDateTime))
        {
            await make.ExecuteNonQueryAsync(cancellation);
        }

        await using (var hold = connection.Command(
            transaction, "SELECT FROM tb_suspension_breaker WHERE account_id = $1 FOR UPDATE", work.AccountId))
        {
            await hold.ExecuteNonQueryAsync(cancellation);
        }

        if (await ReadAsync(connection, transaction, work, now, cancellation) is not { } state || state.Mode == SuspensionMode.Off)
        {
            return GateDecision.Off;
        }

        if (state.Mode == SuspensionMode.DryRun)
        {
            return GateDecision.DryRun;
        }

        var max = state.Max;
        if (state.PercentMax is { } percent)
        {
            max = (int)Math.Min(max, Math.Max(1, percent / 100 * await CardsAsync(work.AccountId, now, cancellation)));
        }

        if (state.IsTripped || state.Passed < max)
        {
            return state.IsTripped ? GateDecision.Held : GateDecision.Pass;
        }

        var reason = $"{state.Passed} cards of the account were suspended within {state.WindowSeconds} s; more than {max} stop all";
        await using var trip = connection.Command(
            transaction,
            """
            WITH held AS (
              UPDATE tb_suspension SET state = 2 WHERE account_id = $1 AND action = 1 AND rule <> 4 AND state = 1 AND lease_owner IS NULL RETURNING 1)
            UPDATE tb_suspension_breaker SET is_tripped = true, tripped_at = $2, reason = $3, released_at = NULL, released_by = NULL
            WHERE account_id = $1 RETURNING (SELECT count(*) FROM held)
            """,
            work.AccountId, now.UtcDateTime, reason);
        var held = (long)(await trip.ExecuteScalarAsync(cancellation))!;
        LogTripped(logger, work.AccountId, state.Passed, state.WindowSeconds, held + 1);
        return GateDecision.Held;
    }

    private static async Task<State?> ReadAsync(
        NpgsqlConnection connection, NpgsqlTransaction transaction, SuspensionWork work, DateTimeOffset now, CancellationToken cancellation)
    {
        await using var command = connection.Command(
            transaction,
            """
            SELECT b.is_tripped, a.suspension_mode, a.suspensions_max, a.suspensions_percent_max, a.suspension_window_seconds,
                   (SELECT count(*) FROM tb_suspension s
                    WHERE s.account_id = a.id AND s.action = 1 AND s.rule <> 4 AND s.id <> $2
                      AND s.sent_at > greatest($3 - make_interval(secs => a.suspension_window_seconds), b.released_at))
            FROM tb_suspension_breaker b JOIN tb_carrier_account a ON a.id = b.account_id WHERE b.account_id = $1
            """,
            work.AccountId, work.Id, now.UtcDateTime);
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        return !await reader.ReadAsync(cancellation)
            ? null
            : new State(
                reader.GetBoolean(0), SuspensionModes.Find(reader.GetString(1)) ?? SuspensionMode.Off, reader.GetInt32(2),
                reader.IsDBNull(3) ? null : reader.GetDouble(3), reader.GetInt32(4), reader.GetInt64(5));
    }

    // A share of millions of cards needs no count to the minute.
    private async Task<long> CardsAsync(int accountId, DateTimeOffset now, CancellationToken cancellation)
    {
        if (_cards.TryGetValue(accountId, out var known) && now - known.At < CountEvery && now >= known.At)
        {
            return known.Cards;
        }

        await using var command = postgres.Command("SELECT count(*) FROM tb_card WHERE account_id = $1 AND status IN (1, 2)", accountId);
        var cards = (long)(await command.ExecuteScalarAsync(cancellation))!;
        _cards[accountId] = (now, cards);
        return cards;
    }

    [LoggerMessage(
        Level = LogLevel.Error,
        Message = "停机熔断: account {AccountId} had {Passed} cards suspended within {WindowSeconds} s; {Held} more are held until a person releases them (POST /api/admin/suspension-breakers/{AccountId}/release)")]
    private static partial void LogTripped(ILogger logger, int accountId, long passed, int windowSeconds, long held);

    private sealed record State(bool IsTripped, SuspensionMode Mode, int Max, double? PercentMax, int WindowSeconds, long Passed);
}
