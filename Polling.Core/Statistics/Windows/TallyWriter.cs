using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Polling.Core.Configuration;
using Polling.Core.Queue;
using Polling.Core.Queue.Scripts;
using StackExchange.Redis;

namespace Polling.Core.Statistics.Windows;

/// <summary>Adds what this process has counted to the windows in Redis, once a second and when it stops.</summary>
/// <remarks>When Redis does not answer, what it may have taken or not is not added again: better a second too little than one twice.</remarks>
public sealed partial class TallyWriter(Tally tally, ScriptRunner scripts, RedisKeys keys, TimeProvider time, ILogger<TallyWriter> logger) : BackgroundService
{
    // In one script: some 10 ms.
    private const int FiguresPerScript = 2_000;
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(1);
    private static readonly string Kept = string.Join(' ', StatisticsTier.All.Select(tier => (long)tier.Kept.TotalSeconds));
    private long? _slot;
    private bool _inTrouble;

    /// <summary>Adds what has been counted.</summary>
    /// <exception cref="RedisException">Redis does not answer; what was counted is gone.</exception>
    public async Task WriteAsync()
    {
        foreach (var type in tally.Take().GroupBy(count => count.Key.Type))
        {
            foreach (var part in type.OrderBy(count => count.Key.Account).Chunk(FiguresPerScript))
            {
                await WriteAsync(type.Key, part);
            }
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            await Task.Delay(Every, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            await TryWriteAsync();
        }
    }

    private async Task TryWriteAsync()
    {
        try
        {
            await WriteAsync();
            _inTrouble = false;
        }
        catch (Exception e) when (e is RedisException or TimeoutException)
        {
            if (!_inTrouble)
            {
                LogLost(logger, e.Message);
            }

            _inTrouble = true;
        }
    }

    private async Task WriteAsync(TaskType type, KeyValuePair<(TaskType Type, int Account, string Figure), long>[] counts)
    {
        var ofType = counts.Count(count => count.Key.Account == 0);
        while (true)
        {
            // The first guess comes from this process's clock, later ones from what Redis said.
            var now = _slot is { } known ? StatisticsTier.TenSeconds.BeginOf(known) : time.GetUtcNow();
            var slot = StatisticsTier.TenSeconds.SlotOf(now);
            RedisKey[] all =
            [
                .. StatisticsTier.All.Select(tier => keys.StatisticsSlot(type, tier.Name, tier.SlotOf(now))),
                .. StatisticsTier.All.Select(tier => keys.StatisticsAccountsSlot(type, tier.Name, tier.SlotOf(now))),
            ];
            RedisValue[] arguments =
            [
                slot, Kept, ofType,
                .. counts.SelectMany(count => new RedisValue[]
                {
                    count.Key.Account == 0 ? count.Key.Figure : $"{count.Key.Account}:{count.Key.Figure}", count.Value,
                }),
            ];
            var answer = (long)await scripts.RunAsync("tally", all, arguments);
            if (answer == 0)
            {
                return;
            }

            _slot = answer;
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Statistics of a second or more are lost: {Reason}")]
    private static partial void LogLost(ILogger logger, string reason);
}
