using Polling.Core.Configuration;

namespace Polling.Core.Statistics;

/// <summary>The figures of a task type as they lie in Redis at one moment.</summary>
public sealed record TaskStatistics
{
    public required TaskType TaskType { get; init; }

    /// <summary>Cards admitted and claimed by nobody.</summary>
    public required long QueueLength { get; init; }

    /// <summary>Manual requests that wait.</summary>
    public required long ManualLength { get; init; }

    /// <summary>Permits held; absent in Redis means 0.</summary>
    public required long ConcurrencyCurrent { get; init; }

    /// <summary>Permits allowed; null = not published yet.</summary>
    public required long? ConcurrencyMax { get; init; }

    /// <summary>The statistics hash as schedulers write it each second; empty before the first.</summary>
    public required IReadOnlyDictionary<string, string> Figures { get; init; }

    /// <summary>A figure of the hash; null = absent or empty, such as a rate of no tasks.</summary>
    public double? Number(string figure) =>
        Figures.TryGetValue(figure, out var text)
        && double.TryParse(text, System.Globalization.CultureInfo.InvariantCulture, out var number)
            ? number
            : null;

    /// <summary>A moment of the hash that is kept in Unix milliseconds; null = absent or 0.</summary>
    public DateTimeOffset? Moment(string figure) =>
        Number(figure) is { } ms and > 0 ? DateTimeOffset.FromUnixTimeMilliseconds((long)ms) : null;
}
