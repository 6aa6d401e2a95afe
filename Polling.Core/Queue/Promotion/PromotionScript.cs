using System.Diagnostics;
using Microsoft.Extensions.Options;
using Polling.Core.Configuration;
using Polling.Core.Queue.Quotas;
using Polling.Core.Queue.Scripts;
using Polling.Core.Telemetry;
using StackExchange.Redis;

namespace Polling.Core.Queue.Promotion;

/// <summary>What one promotion pass did.</summary>
/// <param name="Chunks">Chunks admitted, each one gateway call.</param>
/// <param name="Cards">Cards in them.</param>
/// <param name="Wait">How long nothing will be due; null = nothing is scheduled at all.</param>
public readonly record struct PromotionPass(int Chunks, int Cards, TimeSpan? Wait)
{
    /// <summary>Manual requests that ended because their card was queued or under lease already.</summary>
    public int RequestsUnderWay { get; init; }

    /// <summary>Cards admitted, by account.</summary>
    public IReadOnlyDictionary<int, int> CardsByAccount { get; init; } = System.Collections.Frozen.FrozenDictionary<int, int>.Empty;
}

/// <summary>
/// Moves due cards into the queue, as many as the accounts' call budgets carry. Any number of schedulers may do so at once: each
/// pass is one atomic script.
/// </summary>
/// <remarks>
/// The trace of a call begins here: each chunk may carry a traceparent, made before the script runs since the chunk may be
/// claimed the moment it is in the queue. Sampling is decided here, per call.
/// </remarks>
public sealed class PromotionScript(ScriptRunner scripts, RedisKeys keys, IConnectionMultiplexer redis, IOptions<PromotionOptions>? options = null)
{
    private readonly int _manualShare = (options?.Value ?? new PromotionOptions()).ManualSharePercent;
    private const int AccountsPerPass = 32;
    private const int ChunksPerPass = 256;

    /// <summary>How much of an account's budget can lie in the queue, when executors are slow to claim.</summary>
    public static readonly TimeSpan AdmissionWindow = TimeSpan.FromSeconds(2);

    /// <summary>One pass.</summary>
    public async Task<PromotionPass> PromoteAsync(TaskType type)
    {
        var epoch = (string?)await redis.GetDatabase().HashGetAsync(keys.Epoch(type), "epoch");
        if (epoch is null)
        {
            return new PromotionPass(0, 0, null);
        }

        var wake = (RedisResult[])(await scripts.RunAsync("wake", [keys.Wake(type)], [AccountsPerPass]))!;
        if (wake.Length == 2)
        {
            var wait = (long)wake[1];
            return new PromotionPass(0, 0, wait < 0 ? null : TimeSpan.FromMilliseconds(wait));
        }

        var accounts = wake[2..].Select(a => (int)a).ToArray();
        var spans = StartSpans(type);
        try
        {
            RedisKey[] all =
            [
                keys.Epoch(type), keys.Accounts(type), keys.Wake(type), keys.Queue(type), keys.Chunks(type), keys.Fair(type),
                keys.Manual(type), keys.Quarantine(type), keys.ManualSettled(type), keys.ManualCancelled(type),
                .. accounts.SelectMany(a => new[] { keys.Schedule(type, a), keys.ManualOf(type, a) }),
            ];
            RedisValue[] arguments =
            [
                epoch, (long)AdmissionWindow.TotalMilliseconds, (long)QuotaGate.Window.TotalMicroseconds, _manualShare, accounts.Length, .. accounts.Select(a => (RedisValue)a),
                .. spans.Select(s => (RedisValue)(s is { Recorded: true } ? s.Id : "")),
            ];
            var reply = (RedisResult[])(await scripts.RunAsync("promote", all, arguments))!;
            // Another epoch than a moment ago: nothing was admitted, and the next pass reads it.
            return (int)reply[0] == 1 ? Read(reply, spans) : new PromotionPass(0, 0, TimeSpan.Zero);
        }
        finally
        {
            EndSpans(spans);
        }
    }

    private static PromotionPass Read(RedisResult[] reply, Activity?[] spans)
    {
        var chunks = (reply.Length - 2) / 4;
        var cards = new Dictionary<int, int>();
        for (var i = 0; i < chunks; i++)
        {
            var (account, count) = ((int)reply[2 + i * 4], (int)reply[3 + i * 4]);
            cards[account] = cards.GetValueOrDefault(account) + count;
            if (spans[i] is { } span)
            {
                span.SetTag("polling.account_id", account);
                span.SetTag("polling.cards", count);
                span.SetTag("polling.oldest_due", DateTimeOffset.FromUnixTimeMilliseconds((long)reply[5 + i * 4]).ToString("O"));
                span.SetStatus(ActivityStatusCode.Ok);
            }
        }

        return new PromotionPass(chunks, cards.Values.Sum(), TimeSpan.Zero) { RequestsUnderWay = (int)reply[1], CardsByAccount = cards };
    }

    private static Activity?[] StartSpans(TaskType type)
    {
        var outer = Activity.Current;
        Activity.Current = null;
        var spans = new Activity?[ChunksPerPass];
        for (var i = 0; i < spans.Length; i++)
        {
            spans[i] = PollingTelemetry.Source.StartActivity($"promote {type.Name()}", ActivityKind.Producer);
            Activity.Current = null;
        }

        Activity.Current = outer;
        return spans;
    }

    private static void EndSpans(Activity?[] spans)
    {
        foreach (var span in spans)
        {
            if (span is null)
            {
                continue;
            }

            if (span.Status == ActivityStatusCode.Unset)
            {
                // No chunk took it: it never was a call, so it is not exported.
                span.ActivityTraceFlags &= ~ActivityTraceFlags.Recorded;
                span.IsAllDataRequested = false;
            }

            span.Dispose();
        }
    }
}
