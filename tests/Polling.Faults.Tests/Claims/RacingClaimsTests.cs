using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Polling.AppHost.LocalServers;
using Polling.Core.Cards;
using Polling.Core.Configuration;
using Polling.Core.Queue;
using Polling.Core.Queue.Facts;
using Polling.Core.Queue.Placement;
using Polling.Core.Queue.Promotion;
using Polling.Core.Queue.Scripts;
using Polling.Faults.Tests.Harness;
using Polling.TestServers;
using StackExchange.Redis;
using Condition = Polling.Faults.Tests.Harness.Condition;

namespace Polling.Faults.Tests.Claims;

/// <summary>A thousand claims race from 8 processes: no call is handed out twice, none is lost, and a claim asked for again brings the same.</summary>
public class RacingClaimsTests(ITestOutputHelper output)
{
    private const TaskType Type = TaskType.Realname;
    private const int Cards = 10_000;
    private const int CardsPerCall = 10;
    private const int Processes = 8;
    private const int ClaimsPerProcess = 125;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    [Theory]
    [InlineData(10_000)]
    [InlineData(300)]
    public Task Racing_claims_share_the_calls(int permits) => RaceAsync(permits, callsMax: 1);

    [Fact, Trait("Category", "Long")]
    public async Task Claims_race_again_and_again()
    {
        var random = Seed.Take(output);
        for (var round = 0; round < Seed.Rounds; round++)
        {
            await RaceAsync(random.Next(2) == 0 ? 10_000 : random.Next(1, 1_000), random.Next(1, 10));
        }
    }

    private static async Task RaceAsync(int permits, int callsMax)
    {
        await using var server = await TestRedis.StartAsync(RedisEngines.Found[0], cancellationToken: TestContext.Current.CancellationToken);
        await using var redis = await ConnectionMultiplexer.ConnectAsync(server.ConnectionString);
        var keys = new RedisKeys(KeyLayout.Contract);
        var claimers = Enumerable.Range(1, Processes).Select(i => Start(server.ConnectionString, $"claimer-{i}", callsMax)).ToArray();
        try
        {
            await FillQueueAsync(redis, keys, permits);
            await Task.WhenAll(claimers.Select(async claimer => Assert.Equal("ready", await claimer.StandardOutput.ReadLineAsync())).ToArray()).WaitAsync(Patience, TestContext.Current.CancellationToken);
            foreach (var claimer in claimers)
            {
                await claimer.StandardInput.WriteLineAsync("go");
            }

            var claims = (await Task.WhenAll(claimers.Select(ReadAsync)).WaitAsync(Patience, TestContext.Current.CancellationToken)).SelectMany(c => c).ToArray();
            await AssertSharedAsync(claims, redis.GetDatabase(), keys, permits);
        }
        finally
        {
            foreach (var claimer in claimers)
            {
                claimer.Kill();
                claimer.Dispose();
            }
        }
    }

    private static async Task AssertSharedAsync(RacedClaim[] claims, IDatabase redis, RedisKeys keys, int permits)
    {
        Assert.Equal(Processes * ClaimsPerProcess, claims.Length);
        Assert.All(claims, claim => Assert.Equal(claim.First, claim.Replay));
        var calls = claims.SelectMany(claim => claim.First).Select(call => call.Split('|')).ToArray();
        Assert.Equal(Math.Min(permits, Cards / CardsPerCall), calls.Length);
        Assert.Equal(calls.Length, calls.Select(call => call[0]).Distinct().Count());
        var cards = calls.SelectMany(call => call[1].Split(' ')).ToArray();
        Assert.Equal(calls.Length * CardsPerCall, cards.Distinct().Count());
        Assert.Equal(cards.Length, cards.Distinct().Count());
        Assert.Equal(calls.Length, await redis.SortedSetLengthAsync(keys.Leases(Type)));
        Assert.Equal(calls.Length, await redis.SortedSetLengthAsync(keys.Permits(Type)));
        Assert.Equal(calls.Length, (int)await redis.StringGetAsync(keys.ConcurrencyCurrent(Type)));
        Assert.Equal(Cards - cards.Length, await redis.SortedSetLengthAsync(keys.Queue(Type)));
    }

    // Through the scripts, as the schedulers do it.
    private static async Task FillQueueAsync(IConnectionMultiplexer connection, RedisKeys keys, int permits)
    {
        var redis = connection.GetDatabase();
        await redis.HashSetAsync(keys.Epoch(Type), [new("epoch", "1"), new("run_id", "test")]);
        await redis.StringSetAsync(keys.ConcurrencyConfig(Type), permits);
        var entry = new AccountEntry(1_000_000, CardsPerCall, 100, true, new IntervalRules([new IntervalRule(null, null, null, 1, 1)]));
        await redis.HashSetAsync(keys.Accounts(Type), 1, entry.ToString());
        var scripts = new ScriptRunner(connection, new ScriptLibrary());
        await new PlacementScript(scripts, keys).PlaceAsync(Type, "1",
        [
            .. Enumerable.Range(1, Cards).Select(id => new CardToPlace(
                new CardFacts(id, 1, CardStatus.Active, RealNameStatus.NotRealNamed, 0, 1, string.Create(CultureInfo.InvariantCulture, $"8986{id:D16}")), 0)),
        ]);
        var promotion = new PromotionScript(scripts, keys, connection);
        await Condition.HoldsAsync(
            async () =>
            {
                await promotion.PromoteAsync(Type);
                return await redis.SortedSetLengthAsync(keys.Queue(Type)) == Cards;
            },
            Patience, "not every card is in the queue", TimeSpan.FromMilliseconds(1));
    }

    // It ends by itself when this process does, as its input ends.
    private static Process Start(string redis, string name, int callsMax) => Process.Start(new ProcessStartInfo(
        "dotnet",
        [
            "exec", Path.Combine(AppContext.BaseDirectory, "Polling.Faults.Claimer.dll"), redis, name,
            ClaimsPerProcess.ToString(CultureInfo.InvariantCulture), callsMax.ToString(CultureInfo.InvariantCulture),
        ])
    {
        RedirectStandardInput = true,
        RedirectStandardOutput = true,
    })!;

    private static async Task<List<RacedClaim>> ReadAsync(Process claimer)
    {
        var claims = new List<RacedClaim>();
        while (await claimer.StandardOutput.ReadLineAsync() is { } line)
        {
            claims.Add(JsonSerializer.Deserialize<RacedClaim>(line, JsonSerializerOptions.Web)!);
        }

        return claims;
    }

    private sealed record RacedClaim(string[] First, string[] Replay);
}
