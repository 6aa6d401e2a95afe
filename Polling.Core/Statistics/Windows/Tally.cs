using System.Globalization;
using Polling.Core.Configuration;
using Polling.Core.Queue.Lateness;

namespace Polling.Core.Statistics.Windows;

/// <summary>Counts what happens in this process, until <see cref="TallyWriter"/> adds it to Redis. Safe for concurrent use.</summary>
/// <remarks>
/// Figures: <c>admitted</c>, <c>calls</c>, <c>success</c>, <c>failed</c>, <c>refused</c>, <c>duration_ms</c> (a sum), <c>d:&lt;bucket&gt;</c> (durations),
/// <c>l:&lt;cause&gt;:&lt;bucket&gt;</c> (lateness), <c>e:&lt;code&gt;</c> (failures by code); of an account the same without codes.
/// </remarks>
public sealed class Tally
{
    // A carrier that says something else each time must not fill Redis.
    private const int CodesMax = 100;

    /// <summary>What codes beyond the first hundred of a second are counted as.</summary>
    public const string OtherCode = "other";

    private readonly Lock _gate = new();
    private Dictionary<(TaskType Type, int Account, string Figure), long> _counts = [];

    /// <summary>Cards were admitted to the queue.</summary>
    public void Admitted(TaskType type, int account, int cards) => Add(type, account, ("admitted", cards));

    /// <summary>A call was refused at the moment of sending.</summary>
    public void Refused(TaskType type, int account) => Add(type, account, ("refused", 1));

    /// <summary>Cards of one call were asked, so long after they were due.</summary>
    public void Late(TaskType type, int account, IEnumerable<(LatenessCause Cause, TimeSpan Lateness)> cards) =>
        Add(type, account, [.. cards
            .GroupBy(card => (card.Cause, Bucket: LogScale.BucketOf(card.Lateness)))
            .Select(group => (string.Create(CultureInfo.InvariantCulture, $"l:{group.Key.Cause.Name()}:{group.Key.Bucket}"), (long)group.Count()))]);

    /// <summary>A call was completed: its results are durable.</summary>
    /// <param name="type">Task type.</param>
    /// <param name="account">The account that was asked.</param>
    /// <param name="duration">Of the gateway call.</param>
    /// <param name="success">Cards checked.</param>
    /// <param name="failures">The code of each card that failed.</param>
    public void Completed(TaskType type, int account, TimeSpan duration, int success, IReadOnlyCollection<string> failures)
    {
        var cards = success + failures.Count;
        Add(
            type, account, ("calls", 1), ("success", success), ("failed", failures.Count), ("duration_ms", (long)(duration.TotalMilliseconds * cards)),
            (string.Create(CultureInfo.InvariantCulture, $"d:{LogScale.BucketOf(duration)}"), cards));
        if (failures.Count > 0)
        {
            AddCodes(type, failures);
        }
    }

    /// <summary>What was counted since it was last taken; it is counted no more then.</summary>
    public IReadOnlyDictionary<(TaskType Type, int Account, string Figure), long> Take()
    {
        lock (_gate)
        {
            var taken = _counts;
            _counts = [];
            return taken;
        }
    }

    private void Add(TaskType type, int account, params ReadOnlySpan<(string Figure, long Count)> figures)
    {
        lock (_gate)
        {
            foreach (var (figure, count) in figures)
            {
                if (count > 0)
                {
                    Increase((type, 0, figure), count);
                    Increase((type, account, figure), count);
                }
            }
        }
    }

    private void AddCodes(TaskType type, IEnumerable<string> codes)
    {
        lock (_gate)
        {
            foreach (var code in codes)
            {
                var figure = "e:" + code;
                var isNew = !_counts.ContainsKey((type, 0, figure));
                Increase((type, 0, isNew && _counts.Count(c => c.Key.Figure.StartsWith("e:", StringComparison.Ordinal)) >= CodesMax ? "e:" + OtherCode : figure), 1);
            }
        }
    }

    private void Increase((TaskType, int, string) key, long count) => _counts[key] = _counts.GetValueOrDefault(key) + count;
}
