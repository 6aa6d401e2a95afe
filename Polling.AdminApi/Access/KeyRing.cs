using System.Collections.Concurrent;
using System.Collections.Frozen;
using Microsoft.EntityFrameworkCore;
using Npgsql;
using Polling.Core.Access;
using Polling.Core.Persistence;
using Polling.ServiceDefaults;

namespace Polling.AdminApi.Access;

/// <summary>
/// The API keys that are not revoked, in memory: a request costs no query, and keys go on working while PostgreSQL is away. Read again
/// every five seconds: a revoked key is refused by then everywhere, at once by the process that revoked it.
/// </summary>
internal sealed partial class KeyRing(
    IServiceScopeFactory scopes, NpgsqlDataSource postgres, OpenAccess open, TimeProvider clock, ILogger<KeyRing> logger) : BackgroundService, IHostedLifecycleService
{
    private static readonly TimeSpan ReadEvery = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan WriteUseEvery = TimeSpan.FromMinutes(1);

    private readonly ConcurrentDictionary<int, DateTimeOffset> _used = [];
    private readonly SemaphoreSlim _reading = new(1, 1);
    private FrozenDictionary<string, ApiKey> _keys = FrozenDictionary<string, ApiKey>.Empty;

    /// <summary>The valid key of this text, or null.</summary>
    public ApiKey? Find(string token)
    {
        if (token.Length > ApiToken.LengthMax || !_keys.TryGetValue(Name(ApiToken.HashOf(token)), out var key))
        {
            return null;
        }

        var now = clock.GetUtcNow();
        if (!key.IsValidAt(now))
        {
            return null;
        }

        _used[key.Id] = now;
        return key;
    }

    /// <summary>Takes up what has just been changed; if PostgreSQL is away now, within five seconds of its return.</summary>
    public async Task RefreshAsync(CancellationToken cancellationToken)
    {
        try
        {
            await ReadAsync(cancellationToken);
        }
#pragma warning disable CA1031 // Keys are needed without a database, too; the next round may do better.
        catch (Exception e) when (!cancellationToken.IsCancellationRequested)
#pragma warning restore CA1031
        {
            LogNotRead(logger, e.Message);
        }
    }

    public override void Dispose()
    {
        _reading.Dispose();
        base.Dispose();
    }

    /// <summary>Before any request, and behind the migrations: without a key nobody could use the API, so it doesn't start.</summary>
    public async Task StartingAsync(CancellationToken cancellationToken)
    {
        await ReadAsync(cancellationToken);
        if (!open.IsOpen && !_keys.Values.Any(key => key.IsValidAt(clock.GetUtcNow())))
        {
            throw new StartupException(
                $"there is no valid API key, and only development on loopback is open without one ({open.Setting}): "
                + "make a key with 'dotnet Polling.AdminApi.dll create-api-key --name ops --scope admin'");
        }
    }

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(ReadEvery, clock);
        var written = clock.GetUtcNow();
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            await RefreshAsync(stoppingToken);
            if (clock.GetUtcNow() - written >= WriteUseEvery)
            {
                await WriteUseAsync(stoppingToken);
                written = clock.GetUtcNow();
            }
        }
    }

    // One after the other: a reading that began before a key was revoked must not come last.
    private async Task ReadAsync(CancellationToken cancellationToken)
    {
        await _reading.WaitAsync(cancellationToken);
        try
        {
            await using var scope = scopes.CreateAsyncScope();
            var keys = await scope.ServiceProvider.GetRequiredService<PollingDbContext>().ApiKeys.AsNoTracking()
                .Where(key => key.RevokedAt == null).ToArrayAsync(cancellationToken);
            _keys = keys.ToFrozenDictionary(key => Name(key.Hash), StringComparer.Ordinal);
        }
        finally
        {
            _reading.Release();
        }
    }

    private async Task WriteUseAsync(CancellationToken cancellationToken)
    {
        var used = _used.ToArray();
        if (used.Length == 0)
        {
            return;
        }

        await using var command = postgres.CreateCommand(
            """
            UPDATE tb_api_key k SET last_used_at = u.at FROM unnest($1, $2) AS u(id, at)
            WHERE k.id = u.id AND (k.last_used_at IS NULL OR k.last_used_at < u.at)
            """);
        command.Parameters.Add(new NpgsqlParameter { Value = Array.ConvertAll(used, u => u.Key) });
        command.Parameters.Add(new NpgsqlParameter { Value = Array.ConvertAll(used, u => u.Value.UtcDateTime) });
        try
        {
            await command.ExecuteNonQueryAsync(cancellationToken);
        }
        catch (NpgsqlException e)
        {
            LogUseNotWritten(logger, e.Message);
            return;
        }

        foreach (var use in used)
        {
            // Unless it was used again meanwhile.
            _used.TryRemove(use);
        }
    }

    private static string Name(byte[] hash) => Convert.ToHexString(hash);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The API keys cannot be read again; those known go on: {Reason}")]
    private static partial void LogNotRead(ILogger logger, string reason);

    [LoggerMessage(Level = LogLevel.Warning, Message = "When API keys were used last is not written down now: {Reason}")]
    private static partial void LogUseNotWritten(ILogger logger, string reason);
}
