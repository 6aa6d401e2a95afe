using System.Diagnostics;
using System.Globalization;
using Polling.Benchmarks.Figures;

namespace Polling.Benchmarks.Operations;

/// <summary>How soon the statistics and the explanation of a card are answered.</summary>
/// <remarks>Rounds are as far apart as the windows are read anew; every other one goes backwards, so that none is always asked first.</remarks>
internal sealed class StatisticsRow(WholeSystem system, FigureReport report)
{
    private const int WarmUpRounds = 10;
    private const int Rounds = 80;
    private const double MsMax = 50;

    // A prime: cards of all accounts.
    private const int CardStride = 104_729;
    private static readonly TimeSpan BetweenRounds = TimeSpan.FromMilliseconds(1_050);

    private static readonly string[] Paths =
    [
        "polling-stats", "polling-stats/queues", "polling-stats/init-progress", "polling-stats/accounts", "polling-concurrency", "cards/{id}/explain",
        "polling-stats/tasks",
    ];

    public async Task MeasureAsync()
    {
        var times = Paths.ToDictionary(path => path, _ => new List<double>());
        for (var round = -WarmUpRounds; round < Rounds; round++)
        {
            var card = 1 + (WarmUpRounds + round) * (long)CardStride % Fleet.Cards;
            foreach (var path in round % 2 == 0 ? Paths : Paths.AsEnumerable().Reverse())
            {
                var ms = await AskAsync(path.Replace("{id}", card.ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal));
                if (round >= 0)
                {
                    times[path].Add(ms);
                }
            }

            await Task.Delay(BetweenRounds);
        }

        foreach (var (path, all) in times)
        {
            all.Sort();
            report.Add(new Figure($"{path}: p95", all[Rounds * 95 / 100], "ms", MsMax, AtMost: true, Note: string.Create(
                CultureInfo.InvariantCulture, $"{Rounds} requests, median {all[Rounds / 2]:F1} ms, longest {all[^1]:F0} ms")));
        }
    }

    private async Task<double> AskAsync(string path)
    {
        var started = Stopwatch.GetTimestamp();
        using var answer = await system.Api.GetAsync(new Uri(path, UriKind.Relative));
        answer.EnsureSuccessStatusCode();
        return Stopwatch.GetElapsedTime(started).TotalMilliseconds;
    }
}
