using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using static Polling.MockGateway.Tests.RunningGateway;

namespace Polling.MockGateway.Tests;

public sealed class UsageTests
{
    private static readonly string[] Hundred = [.. Enumerable.Range(0, 100).Select(Iccid)];
    private static readonly DateTimeOffset MonthStart = new(2026, 11, 1, 0, 0, 0, TimeSpan.FromHours(8));

    [Fact]
    public async Task Usage_starts_at_nothing_with_the_month_of_Shanghai_grows_and_repeats_with_the_seed()
    {
        var clock = new FakeTimeProvider(MonthStart);
        await using var gateway = await StartAsync(clock);
        Assert.All(await UsedAsync(gateway, "carddata"), used => Assert.Equal(0, used));

        clock.Advance(TimeSpan.FromDays(15));
        var half = await UsedAsync(gateway, "carddata");
        Assert.InRange(half.Order().ElementAt(50), 25_000 * 1024, 100_000 * 1024); // Half of 100 MB is the median's; 100 cards scatter.
        Assert.Equal(half, await UsedAsync(gateway, "carddata"));

        clock.Advance(TimeSpan.FromDays(14));
        var later = await UsedAsync(gateway, "carddata");
        Assert.All(half.Zip(later), pair => Assert.True(pair.First < pair.Second));
        await using (var twin = await StartAsync(new FakeTimeProvider(clock.GetUtcNow())))
        {
            Assert.Equal(later, await UsedAsync(twin, "carddata"));
        }

        await using (var other = await StartAsync(new FakeTimeProvider(clock.GetUtcNow()), ("MockGateway:Seed", "7")))
        {
            Assert.NotEqual(later, await UsedAsync(other, "carddata"));
        }

        clock.SetUtcNow(MonthStart.AddMonths(1));
        Assert.All(await UsedAsync(gateway, "carddata"), used => Assert.Equal(0, used));
    }

    [Fact]
    public async Task A_package_has_the_usage_and_ends_with_the_month()
    {
        await using var gateway = await StartAsync(new FakeTimeProvider(MonthStart.AddDays(29).AddHours(23)));
        var cards = await gateway.AskForAsync("package", "A", Hundred);

        Assert.Equal(await UsedAsync(gateway, "carddata"), cards.Select(card => (long)card["used_bytes"]!));
        Assert.All(cards, card => Assert.Equal("2026-12-01T00:00:00+08:00", (string?)card["valid_until"]));
        var sizes = cards.Select(card => ((string?)card["package_code"], (long)card["allowance_bytes"]!)).Distinct().ToArray();
        Assert.Equal(5, sizes.Length);
        Assert.Contains(("M30", 30_720L * 1024), sizes);
        Assert.Equal(cards.Select(card => card.ToJsonString()), (await gateway.AskForAsync("package", "B", Hundred)).Select(card => card.ToJsonString()));
    }

    [Theory]
    [InlineData("carddata")]
    [InlineData("package")]
    public async Task Calls_are_in_the_ledger_under_their_task_with_what_was_told(string task)
    {
        await using var gateway = await StartAsync(new FakeTimeProvider(MonthStart.AddDays(3)));
        await gateway.AskAsync("A", Hundred[0]);
        var told = (await gateway.AskForAsync(task, "A", Hundred[..2]))[1];

        var call = Assert.Single(await gateway.LedgerAsync($"&task={task}"));
        Assert.Equal((task, 2), (call.GetProperty("task").GetString(), call.GetProperty("cards").GetArrayLength()));
        Assert.Equal((long)told["used_bytes"]!, call.GetProperty("cards")[1].GetProperty("used_bytes").GetInt64());
        Assert.Single(await gateway.LedgerAsync("&task=realname"));
    }

    [Fact]
    public async Task Two_tasks_of_one_card_are_no_duplicates_and_the_summary_can_be_of_one_task()
    {
        await using var gateway = await StartAsync();
        await gateway.AskAsync("A", Hundred[..3]);
        await gateway.AskForAsync("carddata", "A", Hundred[..5]);
        var all = await gateway.GetAsync("/control/ledger/summary");
        Assert.Equal((5, 0), ((int)all["distinct_cards"]!, (int)all["duplicates"]!));
        Assert.Null(all["min_gap_ms"]);
        Assert.Equal(3, (int)(await gateway.GetAsync("/control/ledger/summary?task=realname"))["distinct_cards"]!);
        Assert.Equal(0, (int)(await gateway.GetAsync("/control/ledger/summary?task=package"))["distinct_cards"]!);
        Assert.Null((await gateway.GetAsync($"/control/ledger/cards/{Hundred[0]}"))["min_gap_ms"]);

        await gateway.AskForAsync("carddata", "A", Hundred[4]);
        Assert.Equal(1, (int)(await gateway.GetAsync("/control/ledger/summary"))["duplicates"]!);
        Assert.Equal(0, (int)(await gateway.GetAsync("/control/ledger/summary?task=realname"))["duplicates"]!);
    }

    [Theory]
    [InlineData("carddata")]
    [InlineData("package")]
    public async Task A_card_that_is_no_iccid_is_refused_alone(string task)
    {
        await using var gateway = await StartAsync();
        var cards = await gateway.AskForAsync(task, "A", "123", Hundred[0]);
        Assert.Equal(["11000", "0"], cards.Select(card => (string?)card["status"]));
        Assert.Null(cards[0]["used_bytes"]);
    }

    private static Task<RunningGateway> StartAsync(TimeProvider clock, params (string Key, string Value)[] settings) => RunningGateway.StartAsync(
        services => services.AddSingleton(clock), settings);

    private static Task<RunningGateway> StartAsync() => RunningGateway.StartAsync();

    private static async Task<long[]> UsedAsync(RunningGateway gateway, string task) =>
        [.. (await gateway.AskForAsync(task, "A", Hundred)).Select(card => (long)card["used_bytes"]!)];
}
