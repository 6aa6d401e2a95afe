using System.Collections.Concurrent;
using Polling.Core.Configuration;
using Polling.Core.Queue;
using StackExchange.Redis;

namespace Polling.Core.Statistics.Windows;

/// <summary>Reads the slots that windows are made up of, and remembers those that are over: nobody can add to them any more.</summary>
/// <remarks>
/// <para><c>tally-6.lua</c> adds only to the slot that it is now, by Redis' time, so a slot that was read after its end never changes. Only the one
/// that is not over is read again: an hour of 50 accounts would be thirteen hashes of some thousand figures each, of each task type.</para>
/// <para>What is remembered is forgotten when Redis may have lost data (another epoch), or its clock stepped back by more than scripts bear.</para>
/// </remarks>
internal sealed class SlotReader(IConnectionMultiplexer redis, RedisKeys keys)
{
    private static readonly TimeSpan StepBackMax = TimeSpan.FromSeconds(5);
    private readonly ConcurrentDictionary<Slot, SlotFigures> _over = [];
    private long _latestMs;

    /// <summary>Slots of a tier.</summary>
    /// <param name="type">Task type.</param>
    /// <param name="tier">Their length.</param>
    /// <param name="first">Number of the first.</param>
    /// <param name="last">Number of the last.</param>
    /// <param name="ofAccounts">Each account's figures, or the task type's.</param>
    /// <param name="now">Redis' time, read before.</param>
    /// <exception cref="RedisException">Redis does not answer.</exception>
    public async Task<SlotFigures[]> ReadAsync(TaskType type, StatisticsTier tier, long first, long last, bool ofAccounts, DateTimeOffset now)
    {
        ForgetWhenSteppedBack(now);
        var epoch = (string?)await redis.GetDatabase().HashGetAsync(keys.Epoch(type), "epoch") ?? "";
        var slots = new Task<SlotFigures>[last - first + 1];
        for (var number = first; number <= last; number++)
        {
            slots[number - first] = ReadAsync(new Slot(type, tier, number, ofAccounts, epoch), now);
        }

        return await Task.WhenAll(slots);
    }

    private async Task<SlotFigures> ReadAsync(Slot slot, DateTimeOffset now)
    {
        if (_over.TryGetValue(slot, out var known))
        {
            return known;
        }

        var figures = SlotFigures.Read(
            await redis.GetDatabase().HashGetAllAsync(slot.OfAccounts
                ? keys.StatisticsAccountsSlot(slot.Type, slot.Tier.Name, slot.Number)
                : keys.StatisticsSlot(slot.Type, slot.Tier.Name, slot.Number)),
            slot.OfAccounts);
        if (slot.Tier.BeginOf(slot.Number + 1) <= now)
        {
            Remember(slot, figures, now);
        }

        return figures;
    }

    private void Remember(Slot slot, SlotFigures figures, DateTimeOffset now)
    {
        foreach (var old in _over.Keys.Where(known =>
            known.Number < known.Tier.SlotOf(now - known.Tier.Kept) || (known.Type == slot.Type && known.Epoch != slot.Epoch)))
        {
            _over.TryRemove(old, out _);
        }

        _over[slot] = figures;
    }

    private void ForgetWhenSteppedBack(DateTimeOffset now)
    {
        var latest = Interlocked.Exchange(ref _latestMs, now.ToUnixTimeMilliseconds());
        if (now < DateTimeOffset.FromUnixTimeMilliseconds(latest) - StepBackMax)
        {
            _over.Clear();
        }
    }

    private readonly record struct Slot(TaskType Type, StatisticsTier Tier, long Number, bool OfAccounts, string Epoch);
}
