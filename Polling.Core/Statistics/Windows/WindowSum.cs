using Polling.Core.Queue.Lateness;

namespace Polling.Core.Statistics.Windows;

/// <summary>Adds up the figures of an account, or of a task type, over the slots of a window.</summary>
internal sealed class WindowSum
{
    private static readonly LatenessCause[] Causes = Enum.GetValues<LatenessCause>();
    private readonly long[] _plain = new long[(int)FigureKind.DurationMs + 1];
    private readonly long[]?[] _lateness = new long[]?[Causes.Length];
    private readonly Dictionary<string, long> _codes = new(StringComparer.Ordinal);
    private long[]? _duration;

    public void Add(SlotFigure figure)
    {
        switch (figure.Kind)
        {
            case FigureKind.Duration:
                (_duration ??= new long[LogScale.BucketMax + 1])[figure.Bucket] += figure.Count;
                break;
            case FigureKind.Lateness:
                (_lateness[(int)figure.Cause] ??= new long[LogScale.BucketMax + 1])[figure.Bucket] += figure.Count;
                break;
            case FigureKind.Code:
                break;
            default:
                _plain[(int)figure.Kind] += figure.Count;
                break;
        }
    }

    public void Add(KeyValuePair<string, long> code) => _codes[code.Key] = _codes.GetValueOrDefault(code.Key) + code.Value;

    public WindowStatistics ToStatistics(StatisticsWindow window, DateTimeOffset from, DateTimeOffset to)
    {
        var total = Of(FigureKind.Success) + Of(FigureKind.Failed);
        var late = new long[LogScale.BucketMax + 1];
        var byCause = new Dictionary<LatenessCause, TimeSpread>();
        foreach (var cause in Causes)
        {
            if (_lateness[(int)cause] is { } counts)
            {
                byCause[cause] = TimeSpread.Of(counts);
                for (var bucket = 0; bucket < late.Length; bucket++)
                {
                    late[bucket] += counts[bucket];
                }
            }
        }

        return new WindowStatistics
        {
            Window = window,
            From = from,
            To = to,
            Admitted = Of(FigureKind.Admitted),
            Calls = Of(FigureKind.Calls),
            Success = Of(FigureKind.Success),
            Failed = Of(FigureKind.Failed),
            Refused = Of(FigureKind.Refused),
            AvgDurationMs = total == 0 ? null : Math.Round((double)Of(FigureKind.DurationMs) / total, 1),
            Duration = TimeSpread.Of(_duration),
            Lateness = TimeSpread.Of(late),
            LatenessByCause = byCause,
            Errors = _codes,
        };
    }

    private long Of(FigureKind kind) => _plain[(int)kind];
}
