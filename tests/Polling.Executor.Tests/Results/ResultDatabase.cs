using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using Polling.Core.Cards;
using Polling.Core.Carriers;
using Polling.Core.Configuration;
using Polling.Core.Persistence;
using Polling.Core.Persistence.Results;
using Polling.Core.Persistence.Usage;
using Polling.TestServers;

namespace Polling.Executor.Tests.Results;

/// <summary>A PostgreSQL with every migration, one account and some cards, and what commits results to it.</summary>
internal sealed class ResultDatabase : IAsyncDisposable
{
    public static readonly DateTimeOffset Noon = new(2026, 11, 23, 12, 0, 0, TimeSpan.Zero);
    public static readonly DateOnly November = new(2026, 11, 1);

    /// <summary>Fewer than in operation, for tests to be quick.</summary>
    public const int CopyFromRows = 200;

    private ResultDatabase(TestPostgres server)
    {
        Server = server;
        Source = NpgsqlDataSource.Create(server.ConnectionString);
        Store = new ResultStore(Source, NullLogger<ResultStore>.Instance) { CopyFromRows = CopyFromRows };
    }

    public TestPostgres Server { get; }

    public NpgsqlDataSource Source { get; }

    public ResultStore Store { get; }

    public int Account { get; private set; }

    public long[] Cards { get; private set; } = [];

    public static CancellationToken Stop => TestContext.Current.CancellationToken;

    public static async Task<ResultDatabase> StartAsync(int cards = 5)
    {
        var database = new ResultDatabase(await TestPostgres.StartAsync());
        await using var context = database.Context();
        await context.Database.MigrateAsync(Stop);
        await new UsagePartitions(database.Source, NullLogger<UsagePartitions>.Instance).EnsureAsync(Noon, Stop);
        var carrier = new Carrier { Code = "C", Name = "C" };
        context.Carriers.Add(carrier);
        await context.SaveChangesAsync(Stop);
        var account = new CarrierAccount { CarrierId = carrier.Id, Code = "A", Name = "A", CallsPerSecond = 1, CardsPerCall = 1, MaxInFlight = 1 };
        context.CarrierAccounts.Add(account);
        await context.SaveChangesAsync(Stop);
        context.Cards.AddRange(Enumerable.Range(1, cards).Select(i => new Card { Iccid = $"89860000000000{i:D6}", CarrierId = carrier.Id, AccountId = account.Id }));
        await context.SaveChangesAsync(Stop);
        database.Account = account.Id;
        database.Cards = await context.Cards.OrderBy(c => c.Id).Select(c => c.Id).ToArrayAsync(Stop);
        return database;
    }

    public PollingDbContext Context() => new(new DbContextOptionsBuilder<PollingDbContext>().UseNpgsql(Source).Options);

    public Task<CommittedResults> CommitAsync(params IReadOnlyCollection<CardResult> results) => Store.CommitAsync(results, Stop);

    /// <summary>A result that is due, and answered, <paramref name="token"/> seconds after noon. Without a payload it is a failed call.</summary>
    public CardResult Result(int card, long token, TaskType type, ResultPayload? payload, long epoch = 1) => new(
        type, Cards[card], Account, epoch, token, Noon.AddSeconds(token), Noon.AddSeconds(token + 1),
        payload is null ? PollOutcome.CallFailed : PollOutcome.Success, payload is null ? "timeout" : null, 40, payload);

    public CardResult RealName(int card, long token, RealNameStatus? status, long epoch = 1) =>
        Result(card, token, TaskType.Realname, status is { } known ? new RealNamePayload(known) : null, epoch);

    public CardResult Usage(int card, long token, long? usedBytes, long epoch = 1) =>
        Result(card, token, TaskType.Carddata, usedBytes is { } known ? new UsagePayload(November, known, null) : null, epoch);

    public CardResult Package(int card, long token, string code, long allowanceBytes = 1024, long? usedBytes = 1) =>
        Result(card, token, TaskType.Package, new PackagePayload(code, allowanceBytes, usedBytes, Noon.AddDays(7)));

    public async ValueTask DisposeAsync()
    {
        await Store.DisposeAsync();
        await Source.DisposeAsync();
        await Server.DisposeAsync();
    }
}
