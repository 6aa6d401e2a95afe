using System.Net;
using static Polling.MockGateway.Tests.RunningGateway;

namespace Polling.MockGateway.Tests;

public sealed class RealNameTests
{
    private static readonly string[] Thousand = [.. Enumerable.Range(0, 1_000).Select(Iccid)];

    [Fact]
    public async Task The_same_seed_gives_the_same_answers_and_another_seed_others()
    {
        var answers = new List<Dictionary<string, bool?>>();
        foreach (var seed in new[] { "1", "1", "2" })
        {
            await using var gateway = await StartAsync(("MockGateway:Seed", seed), ("MockGateway:Behaviour:Naming:MeanSeconds", "0"));
            answers.Add((await gateway.AskAsync("A", Thousand[..500])).Concat(await gateway.AskAsync("B", Thousand[500..])).ToDictionary());
        }

        Assert.Equal(answers[0], answers[1]);
        Assert.NotEqual(answers[0], answers[2]);
        // 700 expected, standard deviation 14.5: five of them to each side.
        Assert.InRange(answers[0].Values.Count(named => named == true), 628, 772);
    }

    [Fact]
    public async Task Cards_become_real_named_in_time_and_stay_so_when_the_rate_falls()
    {
        await using var gateway = await StartAsync(
            ("MockGateway:Behaviour:Naming:InitialShare", "0"), ("MockGateway:Behaviour:Naming:MeanSeconds", "0"));
        Assert.DoesNotContain(true, (await gateway.AskAsync("A", Thousand[..500])).Values);

        await gateway.BehaveAsync("""{"naming":{"mean_seconds":0.02}}""");
        var named = new Dictionary<string, bool?>();
        for (var patience = 200; !named.ContainsValue(true) && patience > 0; patience--)
        {
            named = await gateway.AskAsync("A", Thousand[..500]);
        }

        await gateway.BehaveAsync("""{"naming":{"mean_seconds":0}}""");
        var later = await gateway.AskAsync("A", Thousand[..500]);
        Assert.Contains(true, later.Values);
        Assert.All(named.Where(card => card.Value == true), card => Assert.True(later[card.Key]));
        Assert.Equal(later, await gateway.AskAsync("A", Thousand[..500]));
    }

    [Fact]
    public async Task A_test_can_force_a_cards_state_and_its_owner()
    {
        await using var gateway = await StartAsync();
        var before = (await gateway.AskAsync("A", Iccid(1)))[Iccid(1)]!.Value;
        using var forced = await gateway.PutAsync($"/control/cards/{Iccid(1)}", before ? """{"real_name":false}""" : """{"real_name":true}""");
        Assert.Equal(HttpStatusCode.OK, forced.StatusCode);
        Assert.Equal(!before, (await gateway.AskAsync("A", Iccid(1)))[Iccid(1)]);

        using var owned = await gateway.PutAsync($"/control/cards/{Iccid(1)}", """{"account":"B"}""");
        using var answer = await gateway.PostAsync("A", Asking(Iccid(1)));
        Assert.Equal("12009", (string?)(await JsonOf(answer))["results"]![0]!["status"]);
        Assert.Equal(!before, (await gateway.AskAsync("B", Iccid(1)))[Iccid(1)]);

        using var reset = await gateway.ResetAsync();
        Assert.Equal(before, (await gateway.AskAsync("A", Iccid(1)))[Iccid(1)]);
    }

    [Theory]
    [InlineData("", "not JSON")]
    [InlineData("[]", "a JSON object with 'cards'")]
    [InlineData("{}", "cards is missing")]
    [InlineData("""{"cards":7}""", "cards must be an array")]
    [InlineData("""{"cards":[]}""", "1 to 500")]
    [InlineData("""{"cards":["898600"]}""", "cards[0] must be an object")]
    [InlineData("""{"cards":[{"id":"1"},{"iccid":"1"}]}""", "cards[1].id is missing")]
    [InlineData("""{"cards":[{"id":17}]}""", "cards[0].id is '17'")]
    [InlineData("""{"cards":[{"id":"898600123456789012345"}]}""", "cards[0].id is '898600123456789012345'; it must be 1 to 20")]
    [InlineData("""{"cards":[{"id":"卡"}]}""", "cards[0].id is '卡'")]
    [InlineData("""{"cards":[{"id":"1"}]""", "not JSON")]
    [InlineData("""{"cards":[{"id":"1"}]} x""", "not JSON")]
    public async Task Bad_parameters_are_status_11000_with_the_reason(string body, string reason)
    {
        await using var gateway = await StartAsync();
        using var response = await gateway.PostTextAsync("A", body);
        var answer = (await JsonOf(response));

        Assert.Equal((HttpStatusCode.OK, "11000"), (response.StatusCode, (string?)answer["status"]));
        Assert.Contains(reason, (string?)answer["message"], StringComparison.Ordinal);
        Assert.Equal("11000", Assert.Single(await gateway.LedgerAsync()).GetProperty("status").GetString());
    }

    [Fact]
    public async Task Five_hundred_cards_fit_into_a_call_and_one_more_does_not()
    {
        await using var gateway = await StartAsync();
        Assert.Equal(500, (await gateway.AskAsync("A", Thousand[..500])).Count);
        using var response = await gateway.PostAsync("A", Asking(Thousand[..501]));
        Assert.Contains("more than 500", await TextOf(response), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_card_that_is_no_iccid_is_refused_alone()
    {
        await using var gateway = await StartAsync();
        Assert.Equal([null, true], (await gateway.AskAsync("A", "123", Iccid(1))).Values.Select(named => named is null ? (bool?)null : true));
    }
}
