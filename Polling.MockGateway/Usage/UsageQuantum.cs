using Microsoft.Extensions.Options;

namespace Polling.MockGateway.Usage;

/// <summary>
/// In which steps usage is counted. Without steps it grows evenly. With them figures change at the steps only: asked at any moment between two, a carrier says the
/// same, and a stop or resume counts from the next one on.
/// </summary>
/// <remarks>Steps begin with midnight of Asia/Shanghai, as cycles do.</remarks>
internal sealed class UsageQuantum(IOptions<MockGatewayOptions> options)
{
    private const long ZoneUs = 8 * 3600 * Microseconds.PerSecond;
    private readonly long _stepUs = options.Value.UsageStepSeconds * Microseconds.PerSecond;

    /// <summary>The last step that is over, microseconds; without steps the moment itself.</summary>
    public long Floor(long us) => _stepUs == 0 ? us : us - ((us + ZoneUs) % _stepUs);

    /// <summary>The first step that is not over, microseconds; without steps the moment itself.</summary>
    public long Ceiling(long us) => Floor(us) is var floor && floor == us ? us : floor + _stepUs;

    /// <summary>As <see cref="Floor(long)"/>.</summary>
    public DateTimeOffset Floor(DateTimeOffset time) =>
        _stepUs == 0 ? time : Microseconds.ToTime(Floor(Microseconds.Of(time))).ToOffset(time.Offset);
}
