using Polling.Weeks.Tests.Checks;
using Polling.Weeks.Tests.Processes;

namespace Polling.Weeks.Tests.Run;

/// <summary>What people and carriers do meanwhile: they stop cards, and top others up.</summary>
/// <remarks>Who is chosen depends on nothing but the seed and the books.</remarks>
internal sealed class Happenings(WeeksSystem system, Books books, Random random)
{
    /// <summary>Cards of each kind that others stop.</summary>
    public const int OthersStop = 4;

    /// <summary>Cards that are topped up.</summary>
    public const int TopUps = 10;

    // The usage of half a per cent of a month, and the steps in which it is counted.
    private static readonly TimeSpan OverAgain = TimeSpan.FromDays(1);
    private static readonly TimeSpan Zone = TimeSpan.FromHours(8);
    private readonly HashSet<string> _othersStopped = [];
    private readonly Dictionary<long, long> _toppedUp = [];

    /// <summary>Cards that carriers or people have stopped.</summary>
    public IReadOnlyCollection<string> OthersStopped => _othersStopped;

    /// <summary>The limits of cards that were topped up.</summary>
    public IReadOnlyDictionary<long, long> ToppedUp => _toppedUp;

    /// <summary>Carriers stop cards, running ones and such that we have stopped; a person stops others.</summary>
    public async Task OthersStopAsync()
    {
        var standings = (await books.StandingsAsync(system.Now)).OrderBy(card => card.CardId).ToArray();
        random.Shuffle(standings);
        foreach (var card in standings.Where(card => card.StoppedBy is null).Take(OthersStop).Concat(standings.Where(card => card.StoppedBy == 1).Take(OthersStop)))
        {
            await system.Gateway.SendAsync(HttpMethod.Put, $"control/cards/{card.Card}", new() { ["state"] = "stopped", ["stopped_by"] = "carrier" });
            _othersStopped.Add(card.Card);
        }

        foreach (var card in standings.Where(card => card.StoppedBy is null).Skip(OthersStop).Take(OthersStop))
        {
            await system.Api.SendAsync(HttpMethod.Post, $"api/admin/cards/{card.CardId}/suspend", new() { ["reason"] = "a person wants it" });
            _othersStopped.Add(card.Card);
        }
    }

    /// <summary>A little more than what was used, for some stopped cards whose cycle goes on for a day or more: some hours later they are over again.</summary>
    public async Task TopUpAsync()
    {
        var stopped = (await books.StandingsAsync(system.Now))
            .Where(card => new DateTimeOffset(card.Cycle.AddMonths(1), TimeOnly.MinValue, Zone) > system.Now + OverAgain)
            .Where(card => card.StoppedBy == 1 && card.UsedBytes > card.LimitBytes && !_toppedUp.ContainsKey(card.CardId) && !_othersStopped.Contains(card.Card))
            .OrderBy(card => card.CardId).ToArray();
        random.Shuffle(stopped);
        foreach (var card in stopped.Take(TopUps / 2))
        {
            var more = card.UsedBytes - card.LimitBytes + Math.Max(1, card.UsedBytes / 200);
            await system.Api.SendAsync(HttpMethod.Post, $"api/admin/cards/{card.CardId}/addons", new() { ["allowance_bytes"] = more, ["reference"] = $"top-up-{card.CardId}" });
            _toppedUp.Add(card.CardId, card.LimitBytes + more);
        }
    }
}
