using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging.Abstractions;
using Polling.Core.Queue;
using Polling.Core.Queue.Placement;
using Polling.Core.Queue.Scripts;
using Polling.Core.Queue.VirtualClock;
using Polling.Queue.Tests.Harness;

namespace Polling.Queue.Tests.VirtualClock;

public class VirtualClockTests(Engines engines)
{
    private static readonly RedisKeys Keys = new(KeyLayout.Contract);
    private static readonly TimeSpan Ahead = TimeSpan.FromDays(35);

    [Theory, MemberData(nameof(Engines.Single), MemberType = typeof(Engines))]
    public async Task Scripts_and_processes_are_ahead_by_the_offset_in_Redis(Engine engine)
    {
        var queue = await TestQueue.StartAsync(engines, engine);
        await queue.AddAccountAsync(1);
        var redis = queue.Redis.Multiplexer;
        var placement = new PlacementScript(new ScriptRunner(redis, VirtualClockSetup.Scripts(Keys)), Keys);
        var time = new VirtualTime();
        using var follower = new VirtualClockFollower(time, Keys, redis, NullLogger<VirtualClockFollower>.Instance);

        foreach (var offset in new[] { TimeSpan.Zero, Ahead })
        {
            await queue.Redis.StringSetAsync(Keys.ClockOffset, (long)offset.TotalMilliseconds);
            var before = TimeProvider.System.GetUtcNow() + offset;
            await follower.ReadAsync();
            Assert.InRange(time.GetUtcNow(), before, before.AddMinutes(1));

            // A card never checked is due within the first minute.
            var card = TestQueue.Card(1 + offset.Days);
            await placement.PlaceAsync(TestQueue.Type, TestQueue.Epoch, [new CardToPlace(card, 0)]);
            var due = DateTimeOffset.FromUnixTimeMilliseconds((await queue.DueMsAsync(card.CardId))!.Value);
            Assert.InRange(due, before.AddMilliseconds(-1), before.AddMinutes(2));
        }
    }

    [Fact]
    public async Task Without_a_key_the_time_is_real_and_nonsense_in_it_is_refused()
    {
        var queue = await TestQueue.StartAsync(engines, Engine.Redis);
        var time = new VirtualTime { OffsetMs = 5 };
        using var follower = new VirtualClockFollower(time, Keys, queue.Redis.Multiplexer, NullLogger<VirtualClockFollower>.Instance);
        await follower.ReadAsync();
        Assert.Equal(0, time.OffsetMs);

        await queue.Redis.StringSetAsync(Keys.ClockOffset, "soon");
        var error = await Assert.ThrowsAsync<InvalidOperationException>(() => follower.StartAsync(TestContext.Current.CancellationToken));
        Assert.Contains("polling:clock:offset_ms is 'soon'; it must be a whole number of milliseconds", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("true", "Production", "Polling:VirtualClock is true in the environment Production")]
    [InlineData("true", "Staging", "in the environment Development only")]
    [InlineData("yes", "Development", "Polling:VirtualClock is 'yes'; it must be true or false")]
    public void Outside_development_it_is_refused(string value, string environment, string sentence)
    {
        var builder = Host.CreateEmptyApplicationBuilder(new() { EnvironmentName = environment });
        builder.Configuration[VirtualClockSetup.Setting] = value;
        Assert.Contains(sentence, Assert.Throws<InvalidOperationException>(builder.AddVirtualClock).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void In_a_cluster_it_is_refused() => Assert.Contains(
        "one Redis", Assert.Throws<InvalidOperationException>(() => VirtualClockSetup.Scripts(new(KeyLayout.Cluster))).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData(null, "Production", false)]
    [InlineData("false", "Production", false)]
    [InlineData("true", "Development", true)]
    public void It_is_on_only_when_the_setting_says_so(string? value, string environment, bool isOn)
    {
        var builder = Host.CreateEmptyApplicationBuilder(new() { EnvironmentName = environment });
        builder.Configuration[VirtualClockSetup.Setting] = value;
        builder.AddVirtualClock();
        builder.Services.AddPollingQueue();
        Assert.Equal(isOn, builder.Services.Any(service => service.ImplementationInstance is VirtualTime));
        var library = (ScriptLibrary)builder.Services.Single(service => service.ServiceType == typeof(ScriptLibrary)).ImplementationInstance!;
        Assert.Equal(isOn, library["promote"].Body.Contains(Keys.ClockOffset!, StringComparison.Ordinal));
    }
}
