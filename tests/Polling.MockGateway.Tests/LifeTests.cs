using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using static Polling.MockGateway.Tests.RunningGateway;

namespace Polling.MockGateway.Tests;

/// <summary>Cards' lives: what they use when they are stopped, which figures are told, and the truth behind them.</summary>
public sealed class LifeTests
{
    private static readonly DateTimeOffset Start = new(2026, 11, 20, 0, 0, 0, TimeSpan.FromHours(8));
    private static readonly string[] Cards = [.. Enumerable.Range(0, 100).Select(Iccid)];
    private readonly FakeTimeProvider _clock = new(Start);

    [Fact]
    public async Task A_card_uses_nothing_while_it_is_stopped()
    {
        await using var gateway = await StartAsync(services => services.AddSingleton<TimeProvider>(_clock));
        var (stopped, free) = (Cards[0], Cards[1]);
        var before = await UsedAsync(gateway, stopped, free);
        await gateway.ForceAsync(stopped, """{"state":"stopped","stopped_by":"carrier"}""");
        _clock.Advance(TimeSpan.FromDays(1));
        var meanwhile = await UsedAsync(gateway, stopped, free);
        Assert.Equal(before[0], meanwhile[0]);
        Assert.InRange(meanwhile[1], before[1] + 1, long.MaxValue);

        await gateway.ForceAsync(stopped, """{"state":"active"}""");
        Assert.Equal(before[0], (await UsedAsync(gateway, stopped))[0]);
        _clock.Advance(TimeSpan.FromDays(1));

        // 19 days of use came to the first figure, 20 to this one.
        Assert.InRange((await UsedAsync(gateway, stopped))[0], (long)(before[0] / 19.0 * 20) - 2, (long)(before[0] / 19.0 * 20) + 2);

        // Stopped across a reset: the new cycle begins when it goes on.
        await gateway.ForceAsync(stopped, """{"state":"stopped","stopped_by":"carrier"}""");
        _clock.SetUtcNow(new DateTimeOffset(2026, 12, 5, 0, 0, 0, TimeSpan.FromHours(8)));
        Assert.Equal(0, (await UsedAsync(gateway, stopped))[0]);
    }

    [Fact]
    public async Task Some_figures_are_late_or_fall_and_the_truth_knows_the_highest()
    {
        await using var gateway = await StartAsync(services => services.AddSingleton<TimeProvider>(_clock));
        await gateway.BehaveAsync("""{"readings":{"late_share":0.2,"late_seconds":3600,"falling_share":0.1}}""");
        var (late, falling) = (0, 0);
        var highest = new long[Cards.Length];
        for (var hour = 0; hour < 20; hour++)
        {
            _clock.Advance(TimeSpan.FromHours(2));
            var now = _clock.GetUtcNow().ToOffset(TimeSpan.FromHours(8));
            var answers = await gateway.AskForAsync("carddata", "A", Cards);
            late += answers.Count(card => (DateTimeOffset)card["as_of"]! == now.AddHours(-1));
            var used = answers.ConvertAll(card => (long)card["used_bytes"]!);
            falling += used.Zip(highest).Count(pair => pair.First < pair.Second);
            highest = [.. used.Zip(highest, Math.Max)];
        }

        Assert.InRange(late, 300, 500);
        Assert.InRange(falling, 100, 300);
        var truth = await TruthAsync(gateway, "A");
        Assert.Equal(highest, truth.Select(card => (long)card["cycles"]![0]!["highest_told_bytes"]!));
        Assert.All(truth, card => Assert.InRange(
            (long)card["cycles"]![0]!["used_bytes"]!, (long)card["cycles"]![0]!["highest_told_bytes"]!, long.MaxValue));
        Assert.Empty(await TruthAsync(gateway, "B"));
        using var missing = await gateway.TryGetAsync("/control/truth");
        Assert.Equal(HttpStatusCode.BadRequest, missing.StatusCode);
    }

    [Fact]
    public async Task A_cycle_that_is_over_is_told_to_the_byte_and_spoiled_answers_tell_nothing()
    {
        await using var gateway = await StartAsync(services => services.AddSingleton<TimeProvider>(_clock));
        await gateway.BehaveAsync("""{"faults":{"truncated":1}}""");
        using (var spoiled = new HttpRequestMessage(HttpMethod.Post, "/gateway/A/carddata") { Content = JsonContent.Create(Asking(Cards[0])) })
        {
            (await gateway.SendAsync(spoiled)).Dispose();
        }

        Assert.Empty(await TruthAsync(gateway, "A"));

        await gateway.BehaveAsync("""{"faults":{"truncated":0}}""");
        await UsedAsync(gateway, Cards[0]);
        _clock.SetUtcNow(new DateTimeOffset(2026, 12, 2, 0, 0, 0, TimeSpan.FromHours(8)));
        await UsedAsync(gateway, Cards[0]);
        var cycles = (await TruthAsync(gateway, "A")).Single()["cycles"]!.AsArray();
        Assert.Equal(["2026-11-01", "2026-12-01"], cycles.Select(cycle => (string?)cycle!["cycle"]));
        Assert.InRange((long)cycles[0]!["used_bytes"]!, (long)cycles[0]!["highest_told_bytes"]! + 1, long.MaxValue);
        Assert.Equal((long)cycles[1]!["used_bytes"]!, (long)cycles[1]!["highest_told_bytes"]!);
    }

    [Fact]
    public async Task Counted_in_steps_a_figure_is_the_same_at_any_moment_between_two_and_stops_count_from_the_next_on()
    {
        _clock.SetUtcNow(Start.AddMinutes(1));
        await using var gateway = await StartAsync(services => services.AddSingleton<TimeProvider>(_clock), ("MockGateway:UsageStepSeconds", "14400"));
        await gateway.BehaveAsync("""{"readings":{"late_share":0.2,"late_seconds":14400,"falling_share":0.2}}""");
        var first = await UsedAsync(gateway, Cards);
        await gateway.ForceAsync(Cards[0], """{"state":"stopped","stopped_by":"carrier"}""");
        await gateway.ForceAsync(Cards[1], """{"state":"stopped","stopped_by":"carrier"}""");
        _clock.Advance(TimeSpan.FromMinutes(238));
        await gateway.ForceAsync(Cards[1], """{"state":"active"}""");
        Assert.Equal(first, await UsedAsync(gateway, Cards));

        await gateway.BehaveAsync("""{"readings":{"late_share":0,"falling_share":0}}""");
        var truth = new List<long[]>();
        for (var step = 0; step < 3; step++)
        {
            truth.Add(await UsedAsync(gateway, Cards[..3]));
            _clock.Advance(TimeSpan.FromHours(4));
        }

        // The stop's own step counts in full; one that is lifted within its step counts nothing.
        const double StepsBefore = 19 * 6;
        Assert.All(truth[0].Zip(truth[1]), card => Assert.InRange(card.Second, (card.First / StepsBefore * (StepsBefore + 1)) - 2, (card.First / StepsBefore * (StepsBefore + 1)) + 2));
        Assert.Equal(truth[1][0], truth[2][0]);
        Assert.All(truth[1][1..].Zip(truth[2][1..]), card => Assert.True(card.First < card.Second));
        var all = await TruthAsync(gateway, "A");
        Assert.Equal(truth[2][0], (long)all.Single(card => (string?)card["iccid"] == Cards[0])["cycles"]![0]!["used_bytes"]!);
    }

    private static async Task<long[]> UsedAsync(RunningGateway gateway, params string[] cards) =>
        [.. (await gateway.AskForAsync("carddata", "A", cards)).Select(card => (long)card["used_bytes"]!)];

    private static async Task<List<JsonNode>> TruthAsync(RunningGateway gateway, string account) =>
        [.. (await gateway.GetAsync($"/control/truth?account={account}"))["cards"]!.AsArray().Select(card => card!)];
}
