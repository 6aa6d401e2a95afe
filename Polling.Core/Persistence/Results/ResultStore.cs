using System.Collections.Concurrent;
using System.Text;
using Microsoft.Extensions.Logging;
using Npgsql;
using Polling.Core.Cards;

namespace Polling.Core.Persistence.Results;

/// <summary>
/// Commits results of any task types: of each card and task the newest, and what follows from it (a changed real-name status and its record, a
/// usage record, the package's state). What is committed is durable; a repetition changes nothing.
/// </summary>
/// <remarks>
/// Few rows go as arrays in one round trip, many by binary COPY into a staging table. When PostgreSQL refuses a batch
/// for what a row says (it breaks a constraint, has a text that is none), the batch is halved until that row is alone: the others are
/// committed, the row is kept aside in <c>tb_poison_result</c>, and its check counts as a failed one. Safe for concurrent use.
/// </remarks>
public sealed partial class ResultStore(NpgsqlDataSource postgres, ILogger<ResultStore> logger) : IAsyncDisposable
{
    /// <summary>The error code of a check whose answer PostgreSQL refused.</summary>
    public const string PoisonCode = "poison";

    // More in one batch is no bad answer but a mistake of ours, such as a constraint that no row meets.
    private const int PoisonMax = 50;
    private readonly ConcurrentBag<ResultSession> _idle = [];

    /// <summary>
    /// From so many rows on they go by COPY. Measured with a durable server on 2 cores, milliseconds by COPY and by arrays: 100 rows 5 and 4,
    /// 1,000 rows 16 and 14, 2,000 rows 27 and 26, 5,000 rows 64 and 70.
    /// </summary>
    internal int CopyFromRows { get; init; } = 2_000;

    /// <summary>Commits results of any number of calls.</summary>
    /// <exception cref="NpgsqlException">PostgreSQL is away or refuses; nothing was committed, or a part, or everything and the answer was
    /// lost: repeat it, what was committed stays as it is.</exception>
    public async Task<CommittedResults> CommitAsync(IReadOnlyCollection<CardResult> results, CancellationToken cancellation)
    {
        // One statement must not touch a row twice: of two results for a card the newer token counts, as it would one by one. In the order of the cards' rows
        // and keys, neighbours are looked up one after the other.
        var rows = results.GroupBy(r => (r.Type, r.CardId)).Select(g => g.MaxBy(r => (r.Epoch, r.Token))!).OrderBy(r => r.CardId).ToArray();
        var committed = new CommittedResults();
        if (rows.Length > 0)
        {
            await CommitAsync(rows, committed, cancellation);
        }

        return committed;
    }

    public async ValueTask DisposeAsync()
    {
        while (_idle.TryTake(out var session))
        {
            await session.DisposeAsync();
        }
    }

    private async Task CommitAsync(ArraySegment<CardResult> rows, CommittedResults committed, CancellationToken cancellation)
    {
        try
        {
            await WithSessionAsync(session => session.CommitAsync(rows, byCopy: rows.Count >= CopyFromRows, committed, cancellation), cancellation);
        }
        catch (Exception e) when (IsAboutARow(e) && rows.Count > 1)
        {
            await CommitAsync(rows[..(rows.Count / 2)], committed, cancellation);
            await CommitAsync(rows[(rows.Count / 2)..], committed, cancellation);
        }
        catch (Exception e) when (IsAboutARow(e) && committed.PoisonedCount < PoisonMax)
        {
            var row = rows[0];
            LogPoison(logger, row.CardId, row.Type, e.Message);
            var failure = row with { Outcome = PollOutcome.CardError, ErrorCode = PoisonCode, Payload = null };
            await WithSessionAsync(
                session => session.PoisonAsync(failure, PoisonJson.Of(row), PoisonJson.Clean(e.Message), committed, cancellation), cancellation);
            committed.Poison(row.Type, row.CardId);
        }
    }

    // What a session has gone through when something failed on it is not worth finding out.
    private async Task WithSessionAsync(Func<ResultSession, Task> use, CancellationToken cancellation)
    {
        if (!_idle.TryTake(out var session))
        {
            session = await ResultSession.OpenAsync(postgres, cancellation);
        }

        try
        {
            await use(session);
        }
        catch
        {
            await session.DisposeAsync();
            throw;
        }

        _idle.Add(session);
    }

    // SQL states of class 22 (data exception) and 23 (integrity constraint violation); a text with half a surrogate pair fails before it is sent.
    private static bool IsAboutARow(Exception e) =>
        e is PostgresException { SqlState: ['2', '2' or '3', ..] } || (e as EncoderFallbackException ?? e.InnerException as EncoderFallbackException) is not null;

    [LoggerMessage(Level = LogLevel.Warning, Message = "The result of card {CardId} ({Type}) was refused and is kept aside in tb_poison_result: {Reason}")]
    private static partial void LogPoison(ILogger logger, long cardId, Configuration.TaskType type, string reason);
}
