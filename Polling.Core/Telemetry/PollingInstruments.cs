using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;
using Polling.Core.Configuration;
using Polling.Core.Queue.Gauges;
using Polling.Core.Queue.Lateness;

namespace Polling.Core.Telemetry;

/// <summary>The one meter: the contract's figures as metrics. Table: <c>docs/telemetry.md</c>.</summary>
public sealed class PollingInstruments
{
    // Seconds. The SDK's own buckets are made for milliseconds: all but a call that hangs would be in their first.
    private static readonly double[] CallSeconds = [0.025, 0.05, 0.1, 0.25, 0.5, 1, 2, 3, 5, 10, 15, 30];
    private static readonly double[] LateSeconds = [0.1, 0.25, 0.5, 1, 2, 5, 10, 30, 60, 300, 900, 3_600, 14_400, 86_400];
    private readonly ConcurrentDictionary<TaskType, QueueFigures> _figures = [];
    private readonly Counter<long> _promoted;
    private readonly Counter<long> _checks;
    private readonly Counter<long> _refusals;
    private readonly Counter<long> _expired;
    private readonly Histogram<double> _callDuration;
    private readonly Histogram<double> _lateness;

    /// <summary>Makes the instruments.</summary>
    public PollingInstruments(IMeterFactory meters)
    {
        ArgumentNullException.ThrowIfNull(meters);
        var meter = meters.Create(PollingTelemetry.Name);
        _promoted = meter.CreateCounter<long>("polling.promoted", "{card}", "Cards admitted to the queue");
        _checks = meter.CreateCounter<long>("polling.checks", "{card}", "Cards asked about, by outcome");
        _refusals = meter.CreateCounter<long>("polling.refusals", "{call}", "Calls that their account's quota refused, by reason");
        _expired = meter.CreateCounter<long>("polling.leases.expired", "{lease}", "Leases that expired and were put back");
        _callDuration = meter.CreateHistogram<double>("polling.call.duration", "s", "Duration of a gateway call", null, Buckets(CallSeconds));
        _lateness = meter.CreateHistogram<double>("polling.lateness", "s", "From a card's due time to its gateway call, by cause", null, Buckets(LateSeconds));
        Observe(meter, "polling.backlog", "{card}", "Cards due and not done, whatever they wait for", f => f.DueTotal);
        meter.CreateObservableGauge("polling.waiting", Waiting, "{card}", "Cards due and in no call yet, by what they wait for");
        Observe(meter, "polling.queue.length", "{card}", "Cards admitted and not claimed", f => f.Queued);
        Observe(meter, "polling.leased", "{card}", "Cards claimed and not completed", f => f.Leased);
        Observe(meter, "polling.scheduled", "{card}", "Cards in the schedules", f => f.Scheduled);
        Observe(meter, "polling.permits.used", "{permit}", "Permits held", f => f.PermitsHeld);
        Observe(meter, "polling.permits.limit", "{permit}", "Permits allowed", f => f.PermitsAllowed);
    }

    /// <summary>Cards were admitted to the queue.</summary>
    public void Promoted(TaskType type, int cards)
    {
        if (cards > 0)
        {
            _promoted.Add(cards, Task(type));
        }
    }

    /// <summary>The latest figures of a task type, for the observable instruments.</summary>
    public void Publish(TaskType type, QueueFigures figures) => _figures[type] = figures;

    /// <summary>A gateway call has ended.</summary>
    public void CallEnded(TaskType type, TimeSpan duration, int success, int failed)
    {
        _callDuration.Record(duration.TotalSeconds, Task(type));
        if (success > 0)
        {
            _checks.Add(success, Task(type), new KeyValuePair<string, object?>("outcome", "success"));
        }

        if (failed > 0)
        {
            _checks.Add(failed, Task(type), new KeyValuePair<string, object?>("outcome", "failed"));
        }
    }

    /// <summary>A card is being asked about, so long after its due time, and what it waited for.</summary>
    public void Late(TaskType type, TimeSpan lateness, LatenessCause cause) =>
        _lateness.Record(Math.Max(0, lateness.TotalSeconds), Task(type), new KeyValuePair<string, object?>("cause", cause.Name()));

    /// <summary>An account refused a call.</summary>
    public void Refused(TaskType type, string reason) => _refusals.Add(1, Task(type), new KeyValuePair<string, object?>("reason", reason));

    /// <summary>Leases had expired and were put back.</summary>
    public void LeasesExpired(TaskType type, int count)
    {
        if (count > 0)
        {
            _expired.Add(count, Task(type));
        }
    }

    private IEnumerable<Measurement<long>> Waiting() => _figures.SelectMany(f => f.Value.WaitingFor.Select(
        waiting => new Measurement<long>(waiting.Value, Task(f.Key), new KeyValuePair<string, object?>("cause", waiting.Key.Name()))));

    private static InstrumentAdvice<double> Buckets(double[] boundaries) => new() { HistogramBucketBoundaries = boundaries };

    private void Observe(Meter meter, string name, string unit, string description, Func<QueueFigures, long> value) =>
        meter.CreateObservableGauge(name, () => _figures.Select(f => new Measurement<long>(value(f.Value), Task(f.Key))), unit, description);

    private static KeyValuePair<string, object?> Task(TaskType type) => new("task_type", type.Name());
}

/// <summary>Registers the meter.</summary>
public static class PollingTelemetryServices
{
    /// <summary>The instruments, over the host's meter factory.</summary>
    public static IServiceCollection AddPollingTelemetry(this IServiceCollection services) => services.AddSingleton<PollingInstruments>();
}
