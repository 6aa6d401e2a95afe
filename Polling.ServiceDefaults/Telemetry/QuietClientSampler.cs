using System.Diagnostics;
using OpenTelemetry.Trace;

namespace Polling.ServiceDefaults.Telemetry;

/// <summary>
/// A client's span never begins a trace: the queries that background processes make every second belong to no request and to no
/// call, and would bury those that do. Everything else is decided by the sampler inside.
/// </summary>
internal sealed class QuietClientSampler(Sampler inner) : Sampler
{
    public override SamplingResult ShouldSample(in SamplingParameters samplingParameters) =>
        samplingParameters.Kind == ActivityKind.Client && samplingParameters.ParentContext.TraceId == default
            ? new SamplingResult(SamplingDecision.Drop)
            : inner.ShouldSample(samplingParameters);
}
