using Npgsql;

namespace Polling.Core.Persistence;

/// <summary>
/// A lease by which one process at a time does a job, such as clean-up: a row of <c>tb_singleton_lease</c>.
/// </summary>
/// <remarks>
/// <para>States of the row: absent or expired (anyone may take it) and held until <c>expires_at</c>. Only the database's clock counts, so
/// processes with wrong clocks do not matter.</para>
/// <para>Each acquisition raises the term. A holder that slept through its lease may still believe in it; so what it writes must be
/// fenced: <see cref="FenceAsync"/> within the writing transaction fails when the term is over, and keeps others from taking the lease
/// until that transaction has ended.</para>
/// <para>A crash leaves the row; it is free once its time is up.</para>
/// </remarks>
public sealed class SingletonLease
{
    private readonly NpgsqlDataSource _database;
    private readonly TimeSpan _lifetime;

    /// <param name="database">Where the row is.</param>
    /// <param name="name">The job, 1–100 characters.</param>
    /// <param name="holder">Who asks; must differ from process to process, restarts included.</param>
    /// <param name="lifetime">How long the lease lasts unless renewed; renew at a third of it.</param>
    public SingletonLease(NpgsqlDataSource database, string name, string holder, TimeSpan lifetime)
    {
        ArgumentNullException.ThrowIfNull(database);
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        ArgumentException.ThrowIfNullOrWhiteSpace(holder);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(lifetime, TimeSpan.Zero);
        _database = database;
        Name = name;
        Holder = holder;
        _lifetime = lifetime;
    }

    public string Name { get; }

    public string Holder { get; }

    /// <summary>Takes the lease when it is free, or again when this holder has it (its older term is over then).</summary>
    /// <returns>The new term, or null while another holds the lease.</returns>
    public async Task<long?> AcquireAsync(CancellationToken cancellationToken)
    {
        const string Sql =
            """
            INSERT INTO tb_singleton_lease AS lease (name, holder, term, expires_at)
            VALUES ($1, $2, 1, clock_timestamp() + $3)
            ON CONFLICT (name) DO UPDATE
            SET holder = excluded.holder, term = lease.term + 1, expires_at = clock_timestamp() + $3
            WHERE lease.expires_at <= clock_timestamp() OR lease.holder = excluded.holder
            RETURNING term
            """;
        await using var command = Command(Sql, Holder, _lifetime);
        return await command.ExecuteScalarAsync(cancellationToken) as long?;
    }

    /// <summary>Prolongs the lease, also one that expired and that nobody else has taken since.</summary>
    /// <returns>False when the term is over: stop the job at once.</returns>
    public async Task<bool> RenewAsync(long term, CancellationToken cancellationToken)
    {
        const string Sql =
            """
            UPDATE tb_singleton_lease SET expires_at = clock_timestamp() + $3
            WHERE name = $1 AND holder = $2 AND term = $4
            """;
        await using var command = Command(Sql, Holder, _lifetime, term);
        return await command.ExecuteNonQueryAsync(cancellationToken) == 1;
    }

    /// <summary>
    /// Gives the lease up as the holder stops, so that another may take it at once; whatever its term: an acquisition may have been cancelled before
    /// its answer came. It never fails: where PostgreSQL is away the lease ends by itself.
    /// </summary>
    public async Task ReleaseAsync(CancellationToken cancellationToken)
    {
        const string Sql =
            """
            UPDATE tb_singleton_lease SET expires_at = '-infinity' WHERE name = $1 AND holder = $2 AND expires_at > '-infinity'
            """;
        try
        {
            await using var command = Command(Sql, Holder);
            await command.ExecuteNonQueryAsync(cancellationToken);
        }
        catch (Exception e) when (e is NpgsqlException or TimeoutException or OperationCanceledException)
        {
            // See above.
        }
    }

    /// <summary>Makes a transaction of the holder fail when its term is over, and holds off takers until it has ended.</summary>
    /// <exception cref="SingletonLeaseLostException">The term is over; the transaction must be rolled back.</exception>
    public async Task FenceAsync(long term, NpgsqlTransaction transaction, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(transaction);
        const string Sql =
            """
            SELECT 1 FROM tb_singleton_lease
            WHERE name = $1 AND holder = $2 AND term = $3 AND expires_at > clock_timestamp()
            FOR SHARE
            """;
        await using var command = Fill(new NpgsqlCommand(Sql, transaction.Connection, transaction), Holder, term);
        if (await command.ExecuteScalarAsync(cancellationToken) is null)
        {
            throw new SingletonLeaseLostException(Name, term);
        }
    }

    private NpgsqlCommand Command(string sql, params object[] parameters) => Fill(_database.CreateCommand(sql), parameters);

    private NpgsqlCommand Fill(NpgsqlCommand command, params object[] parameters)
    {
        command.Parameters.Add(new NpgsqlParameter { Value = Name });
        foreach (var parameter in parameters)
        {
            command.Parameters.Add(new NpgsqlParameter { Value = parameter });
        }

        return command;
    }
}
