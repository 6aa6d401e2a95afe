using System.Diagnostics;
using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Npgsql;
using Polling.AdminApi.Http;
using Polling.Core.AuditLog;
using Polling.Core.Persistence;

namespace Polling.AdminApi.AuditLog;

/// <summary>An operation that changes more than rows of a table: what is asked for.</summary>
/// <param name="Action">Its word, such as reset.</param>
/// <param name="Subject">What it is done to.</param>
/// <param name="SubjectId">Which one; null = it is not one, or not known before.</param>
/// <param name="Asked">What was asked for, serialised as JSON.</param>
internal sealed record AuditedOperation(string Action, string Subject, string? SubjectId, object? Asked);

/// <summary>What an operation came to.</summary>
/// <param name="Result">Serialised as JSON.</param>
/// <param name="SubjectId">Which one it was done to, when that is known only now.</param>
internal sealed record AuditedResult(object? Result, string? SubjectId = null);

/// <summary>
/// Writes down who changed what. A change of rows and its entry are one transaction; an operation's entry is there before it begins and is
/// completed when it ends: so nothing is changed that the log doesn't know of, whatever is killed.
/// </summary>
internal sealed partial class AuditTrail(
    PollingDbContext context, NpgsqlDataSource postgres, IHttpContextAccessor http, TimeProvider clock, ILogger<AuditTrail> logger)
{
    private const int AttemptsMax = 10;
    private static readonly JsonSerializerOptions Json = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower };

    /// <summary>Saves what was changed in the context, and an entry for each row.</summary>
    /// <param name="cancellationToken">Cancels; nothing is saved then.</param>
    /// <param name="mayBe">Asked in the same transaction, before; null = nothing has to be asked.</param>
    /// <param name="also">What belongs in the same transaction, after the changes.</param>
    /// <returns>False: it may not be, and nothing is saved.</returns>
    /// <exception cref="DbUpdateException">Nothing is saved.</exception>
    public async Task<bool> SaveChangesAsync(
        CancellationToken cancellationToken, Func<CancellationToken, Task<bool>>? mayBe = null, Func<CancellationToken, Task>? also = null)
    {
        var isSaved = await context.Database.CreateExecutionStrategy().ExecuteAsync(
            async cancellation =>
            {
                await using var transaction = await context.Database.BeginTransactionAsync(cancellation);
                if (mayBe is not null && !await mayBe(cancellation))
                {
                    return false;
                }

                var changes = RowChange.Find(context);

                // The changes stay as they are until they are committed: the strategy may have to make them again.
                await context.SaveChangesAsync(acceptAllChangesOnSuccess: false, cancellation);
                await (also?.Invoke(cancellation) ?? Task.CompletedTask);
                foreach (var change in changes)
                {
                    var entry = Entry(change.Action, change.Subject, change.Id);
                    (entry.Before, entry.After, entry.Outcome) = (change.Before, change.After, AuditOutcome.Done);
                    await InsertAsync(entry, cancellation);
                }

                await transaction.CommitAsync(cancellation);
                return true;
            },
            cancellationToken);
        if (isSaved)
        {
            context.ChangeTracker.AcceptAllChanges();
        }

        return isSaved;
    }

    /// <summary>Makes a change of rows and saves it; again, from what is there then, when another request was first to add or to delete a row.</summary>
    /// <typeparam name="T">What it comes to.</typeparam>
    /// <param name="change">Looks and changes, in the context; it may be done several times.</param>
    /// <param name="cancellationToken">Cancels; nothing is saved then.</param>
    /// <exception cref="DbUpdateException">It did not help; nothing is saved.</exception>
    public async Task<T> SaveRepeatedlyAsync<T>(Func<Task<T>> change, CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            var changed = await change();
            try
            {
                await SaveChangesAsync(cancellationToken);
                return changed;
            }
            catch (DbUpdateException) when (attempt < AttemptsMax)
            {
                context.ChangeTracker.Clear();
            }
        }
    }

    /// <summary>Does an operation between the beginning and the end of its entry.</summary>
    /// <typeparam name="T">What it answers.</typeparam>
    /// <param name="operation">What is asked for.</param>
    /// <param name="act">Does it.</param>
    /// <param name="resultOf">What it came to.</param>
    /// <param name="cancellationToken">Cancels before it begins.</param>
    /// <param name="resultSoFar">What it came to before it broke; null = it is all or nothing.</param>
    public async Task<T> RunAsync<T>(
        AuditedOperation operation, Func<Task<T>> act, Func<T, AuditedResult> resultOf, CancellationToken cancellationToken,
        Func<AuditedResult>? resultSoFar = null)
    {
        var entry = Entry(operation.Action, operation.Subject, operation.SubjectId);
        entry.After = Text(operation.Asked);
        var id = await BeginAsync(entry, cancellationToken);
        try
        {
            var answer = await act();
            var result = resultOf(answer);
            await EndAsync(id, AuditOutcome.Done, result);
            return answer;
        }
        catch (Exception e)
        {
            await EndAsync(id, AuditOutcome.Failed, new AuditedResult(new { Error = e.Message, Done = resultSoFar?.Invoke().Result }));
            throw;
        }
    }

    private AuditEntry Entry(string action, string subject, string? subjectId) => new()
    {
        At = clock.SaveTime(),
        Caller = http.HttpContext?.User.Identity?.Name ?? AuditCallers.CommandLine,
        RemoteAddress = http.HttpContext?.Connection.RemoteIpAddress?.ToString(),
        Action = action,
        Subject = subject,
        SubjectId = subjectId,
        TraceId = Activity.Current?.TraceId.ToHexString(),
    };

    private Task InsertAsync(AuditEntry entry, CancellationToken cancellationToken) => context.Database.ExecuteSqlAsync(
        $"""
        INSERT INTO tb_audit_log (at, caller, remote_address, action, subject, subject_id, before, after, outcome, trace_id)
        VALUES ({entry.At}, {entry.Caller}, {entry.RemoteAddress}, {entry.Action}, {entry.Subject}, {entry.SubjectId}, {entry.Before}::jsonb,
                {entry.After}::jsonb, {(short)entry.Outcome}, {entry.TraceId})
        """,
        cancellationToken);

    // Not by the context: it may hold changes that are not to be saved yet.
    private async Task<long> BeginAsync(AuditEntry entry, CancellationToken cancellationToken)
    {
        await using var command = postgres.CreateCommand(
            """
            INSERT INTO tb_audit_log (at, caller, remote_address, action, subject, subject_id, after, outcome, trace_id)
            VALUES ($1, $2, $3, $4, $5, $6, $7::jsonb, $8, $9) RETURNING id
            """);
        Fill(command, entry.At.UtcDateTime, entry.Caller, entry.RemoteAddress, entry.Action, entry.Subject, entry.SubjectId, entry.After, (short)entry.Outcome, entry.TraceId);
        return (long)(await command.ExecuteScalarAsync(cancellationToken))!;
    }

    // The operation is over: neither a caller that is gone nor a database that fails now makes it undone.
    private async Task EndAsync(long id, AuditOutcome outcome, AuditedResult result)
    {
        try
        {
            await using var command = postgres.CreateCommand(
                "UPDATE tb_audit_log SET outcome = $2, result = $3::jsonb, subject_id = coalesce($4, subject_id) WHERE id = $1");
            Fill(command, id, (short)outcome, Text(result.Result), result.SubjectId);
            await command.ExecuteNonQueryAsync(CancellationToken.None);
        }
        catch (NpgsqlException e)
        {
            LogOpen(logger, id, outcome, e.Message);
        }
    }

    private static void Fill(NpgsqlCommand command, params object?[] values)
    {
        foreach (var value in values)
        {
            command.Parameters.Add(value is null or string
                ? new NpgsqlParameter { Value = value ?? DBNull.Value, NpgsqlDbType = NpgsqlTypes.NpgsqlDbType.Text }
                : new NpgsqlParameter { Value = value });
        }
    }

    private static string? Text(object? value) => value is null ? null : JsonSerializer.Serialize(value, Json);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Entry {Id} of the audit log stays open; it is {Outcome}: {Reason}")]
    private static partial void LogOpen(ILogger logger, long id, AuditOutcome outcome, string reason);
}
