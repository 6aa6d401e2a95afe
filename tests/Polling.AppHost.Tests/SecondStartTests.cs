namespace Polling.AppHost.Tests;

/// <summary>A system that is stopped and started again goes on where it was. (It mostly waits, so it stands by itself and others run meanwhile.)</summary>
public sealed class SecondStartTests : IDisposable
{
    private static readonly TimeSpan StartPatience = TimeSpan.FromSeconds(60);

    // Cards never checked are spread over their first minute.
    private static readonly TimeSpan FirstSweepPatience = TimeSpan.FromSeconds(150);
    private static readonly TimeSpan StopPatience = TimeSpan.FromSeconds(10);
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_second_start_goes_on_with_the_same_cards_and_asks_none_before_it_is_due()
    {
        const int cards = 50;
        var halfInterval = TimeSpan.FromSeconds(30);
        var options = SystemProcess.Options(_folder);
        ILookup<string, DateTimeOffset> before;
        await using (var first = await StartAsync(options))
        {
            using var api = first.CreateApiClient();
            await Condition.HoldsAsync(async () => (await Ledger.SummaryAsync(api)).AnsweredCards == cards, FirstSweepPatience);
            await Condition.HoldsAsync(async () => await IsQuietAsync(api), StartPatience);
            before = await Ledger.CallsByCardAsync(api);
            first.Signal(SystemProcess.SigTerm);
            await first.ExitAsync(StopPatience);
        }

        await using var second = await StartAsync(options);
        using var again = second.CreateApiClient();
        await Condition.HoldsAsync(async () => (await Ledger.SummaryAsync(again)).DistinctCards > 10, TimeSpan.FromSeconds(120));

        foreach (var card in await Ledger.CallsByCardAsync(again))
        {
            Assert.True(before.Contains(card.Key), $"card {card.Key} was not there before");
            Assert.True(card.Min() - before[card.Key].Max() >= halfInterval, $"card {card.Key} was asked again after {card.Min() - before[card.Key].Max()}");
        }
    }

    // Nothing is asked for a while: every answer has been written.
    private static async Task<bool> IsQuietAsync(HttpClient api)
    {
        var calls = (await Ledger.SummaryAsync(api)).TotalCalls;
        await Task.Delay(TimeSpan.FromSeconds(2), TestContext.Current.CancellationToken);
        return (await Ledger.SummaryAsync(api)).TotalCalls == calls;
    }

    private Task<SystemProcess> StartAsync(Dictionary<string, string> options) => SystemProcess.StartUpAsync(_folder, options);
}
