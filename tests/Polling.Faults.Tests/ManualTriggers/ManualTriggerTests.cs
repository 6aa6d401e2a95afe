using System.Globalization;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using Polling.Core.Configuration;
using Polling.Core.ManualTriggers;
using Polling.Core.Persistence;
using Polling.Core.Persistence.ManualTriggers;
using Polling.Core.Queue;
using Polling.Core.Queue.Lateness;
using Polling.Core.Queue.Manual;
using Polling.Faults.Tests.Harness;
using StackExchange.Redis;
using Condition = Polling.Faults.Tests.Harness.Condition;

namespace Polling.Faults.Tests.ManualTriggers;

/// <summary>Manual triggers while schedulers and executors are killed: each card is counted once, and those that are done were asked.</summary>
public class ManualTriggerTests(SharedSystem shared, ITestOutputHelper output)
{
    // Of each account some, and ten that do not exist. The account TIGHT asks ten cards a second.
    private static readonly long[] Cards =
        [.. Enumerable.Range(1, 3_000).Concat(Enumerable.Range(8_001, 300)).Concat(Enumerable.Range(9_701, 150)).Concat(Enumerable.Range(50_001, 10)).Select(id => (long)id)];

    [Fact]
    public async Task A_batch_survives_kills_and_counts_each_card_once()
    {
        var (system, random) = (await HealthyAsync(), Seed.Take(output));
        await using var services = Services(system);
        var store = services.GetRequiredService<ManualTriggerStore>();
        var cancellation = TestContext.Current.CancellationToken;
        var since = TimeProvider.System.GetUtcNow();
        var id = await store.CreateAsync(TaskType.Carddata, ManualTriggerKind.Batch, Cards, since, cancellation);
        await Condition.HoldsAsync(async () => (await store.ProgressAsync(id, cancellation)).Done > 0, Condition.Patience, "no card of the trigger is asked");
        foreach (var victim in new[] { system.Schedulers[0], system.Executors[random.Next(3)], system.Schedulers[1] })
        {
            await victim.KillAsync();
            output.WriteLine($"{victim.Name} was killed at {await store.ProgressAsync(id, cancellation)}");
            await Task.Delay(random.Upto(TimeSpan.FromSeconds(1)), cancellation);
        }

        await HealthyAsync();
        await Condition.HoldsAsync(() => UnfinishedAsync(services, id), 2 * Condition.Patience);
        var progress = await store.ProgressAsync(id, cancellation);
        output.WriteLine($"{progress}");
        Assert.Equal((Cards.Length, 0, 0, 0), (progress.Total, progress.Waiting, progress.HandedOver, progress.Cancelled));
        Assert.Equal(10, progress.SkipReasons[SkipReason.UnknownCard]);
        Assert.InRange(progress.Done, 1, Cards.Length - 10);
        var done = await ItemsAsync(services, id, ManualItemState.Done);
        Assert.Empty(await system.Effects.UncheckedSinceAsync(TaskType.Carddata, done, since));
    }

    [Fact]
    public async Task A_cancelled_batch_asks_no_more_and_counts_each_card_once()
    {
        var system = await HealthyAsync();
        await using var services = Services(system);
        var (store, handover) = (services.GetRequiredService<ManualTriggerStore>(), services.GetRequiredService<ManualHandover>());
        var cancellation = TestContext.Current.CancellationToken;
        var id = await store.CreateAsync(TaskType.Carddata, ManualTriggerKind.Batch, Cards, TimeProvider.System.GetUtcNow(), cancellation);
        await Condition.HoldsAsync(async () => (await store.ProgressAsync(id, cancellation)).Done > 0, Condition.Patience, "no card of the trigger is asked");

        Assert.True(await handover.CancelAsync(await FindAsync(services, id), cancellation));
        Assert.False(await handover.CancelAsync(await FindAsync(services, id), cancellation));
        var cancelled = await store.ProgressAsync(id, cancellation);
        output.WriteLine($"{cancelled}");
        Assert.Equal((Cards.Length, 0), (cancelled.Total, cancelled.Waiting));
        Assert.InRange(cancelled.Cancelled, 1, Cards.Length - 10);
        await Condition.HoldsAsync(() => UnfinishedAsync(services, id), Condition.Patience);
        var end = await store.ProgressAsync(id, cancellation);
        Assert.Equal((Cards.Length, 0), (end.Total, end.HandedOver));

        // One that was about to be handed over at that moment may be stopped after it.
        Assert.InRange(end.Cancelled, cancelled.Cancelled, cancelled.Cancelled + cancelled.HandedOver);
        Assert.Equal(end.Cancelled, (await ItemsAsync(services, id, ManualItemState.Cancelled)).Length);
    }

    [Theory, InlineData(false), InlineData(true)]
    public async Task What_no_executor_has_claimed_is_cancelled_also_when_the_cancel_dies_after_its_mark(bool dies)
    {
        var system = await HealthyAsync();
        await using var services = Services(system);
        var (store, handover) = (services.GetRequiredService<ManualTriggerStore>(), services.GetRequiredService<ManualHandover>());
        var cancellation = TestContext.Current.CancellationToken;
        await Task.WhenAll(system.Executors.Select(executor => executor.KillAsync()));
        var id = await store.CreateAsync(TaskType.Carddata, ManualTriggerKind.Batch, Cards, TimeProvider.System.GetUtcNow(), cancellation);
        await Condition.HoldsAsync(async () => (await AdmittedAsync(services, id)).Length > 0, Condition.Patience, "no call of the trigger is in the queue");

        Assert.True(dies
            ? await store.CancelAsync(id, TimeProvider.System.GetUtcNow(), cancellation)
            : await handover.CancelAsync(await FindAsync(services, id), cancellation));
        if (!dies)
        {
            Assert.Empty(await AdmittedAsync(services, id));
        }

        await Condition.HoldsAsync(() => UnfinishedAsync(services, id), Condition.Patience);
        Assert.Empty(await AdmittedAsync(services, id));
        var end = await store.ProgressAsync(id, cancellation);
        output.WriteLine($"{end}");
        Assert.Equal((Cards.Length, 0, 0, Cards.Length - end.Skipped), (end.Total, end.Done, end.HandedOver, end.Cancelled));
        Assert.InRange(end.Cancelled, 1, Cards.Length);
        await HealthyAsync();
    }

    private static async Task<RedisValue[]> AdmittedAsync(ServiceProvider services, long id)
    {
        var keys = services.GetRequiredService<RedisKeys>();
        var chunks = await services.GetRequiredService<IConnectionMultiplexer>().GetDatabase().HashValuesAsync(keys.Chunks(TaskType.Carddata));
        return Array.FindAll(chunks, chunk => ((string)chunk!).Contains(string.Create(CultureInfo.InvariantCulture, $"{id}@"), StringComparison.Ordinal));
    }

    private async Task<FaultSystem> HealthyAsync()
    {
        var system = await shared.TakeAsync();
        await Task.WhenAll(system.Schedulers.Concat(system.Executors).Where(process => !process.IsRunning).Select(system.StartAsync));
        await Condition.HoldsAsync(system.ProblemAsync, Condition.Patience);
        return system;
    }

    private static async Task<string?> UnfinishedAsync(ServiceProvider services, long id)
    {
        if ((await FindAsync(services, id)).FinishedAt is not null)
        {
            return null;
        }

        var left = await ItemsAsync(services, id, ManualItemState.HandedOver);
        var place = left.Length == 0 ? null : await services.GetRequiredService<CardPlaceReader>().ReadAsync(
            TaskType.Carddata, left[0], [.. Fleet.Accounts.Select(account => account.Id)]);
        return $"the trigger has not ended, {left.Length} cards are under way, the first {left.FirstOrDefault()}: {place}; "
            + $"{await services.GetRequiredService<ManualTriggerStore>().ProgressAsync(id, TestContext.Current.CancellationToken)}";
    }

    private static async Task<ManualTrigger> FindAsync(ServiceProvider services, long id)
    {
        await using var scope = services.CreateAsyncScope();
        return await scope.ServiceProvider.GetRequiredService<PollingDbContext>().ManualTriggers.AsNoTracking()
            .SingleAsync(trigger => trigger.Id == id, TestContext.Current.CancellationToken);
    }

    private static async Task<long[]> ItemsAsync(ServiceProvider services, long id, ManualItemState state)
    {
        await using var scope = services.CreateAsyncScope();
        return await scope.ServiceProvider.GetRequiredService<PollingDbContext>().ManualItems
            .Where(item => item.TriggerId == id && item.State == state).Select(item => item.CardId).ToArrayAsync(TestContext.Current.CancellationToken);
    }

    private static ServiceProvider Services(FaultSystem system) => new ServiceCollection()
        .AddLogging()
        .AddSingleton<IConnectionMultiplexer>(_ => ConnectionMultiplexer.Connect(system.Redis.ConnectionString))
        .AddSingleton(_ => NpgsqlDataSource.Create(system.Postgres.ConnectionString))

        // A pool of its own: the one of the text has connections that ended when another test killed PostgreSQL.
        .AddDbContext<PollingDbContext>((services, options) => options.UseNpgsql(services.GetRequiredService<NpgsqlDataSource>()))
        .AddPollingPersistence()
        .AddPollingQueue()
        .BuildServiceProvider();
}
