using Polling.Core.Queue.Quotas;
using StackExchange.Redis;

namespace Polling.Executor.Gateway;

/// <summary>Tells accounts how attempts ended.</summary>
internal sealed partial class AttemptReports(AccountGate gate, TimeProvider time, ILogger<AttemptReports> logger)
{
    /// <summary>
    /// The attempt has ended. A report that Redis did not take is only logged: the call's outcome counts, and the attempt's time
    /// in flight ends by itself.
    /// </summary>
    public async Task EndAsync(CarrierCall call, string attempt, long startedAt, AttemptResult result)
    {
        try
        {
            await gate.EndAsync(call.AccountId, attempt, result, time.GetElapsedTime(startedAt));
        }
        catch (Exception e) when (e is RedisException or TimeoutException)
        {
            LogNotReported(logger, attempt, e.Message);
        }
    }

    /// <summary>The answer that is being read has been read, or cannot be.</summary>
    public async Task EndAnswerAsync(CarrierCall call, AttemptResult result)
    {
        if (call.Answering is { } answering)
        {
            call.Answering = null;
            await EndAsync(call, answering.Attempt, answering.StartedAt, result);
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "The end of attempt {Attempt} could not be told to its account: {Reason}")]
    private static partial void LogNotReported(ILogger logger, string attempt, string reason);
}
