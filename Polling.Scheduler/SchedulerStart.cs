namespace Polling.Scheduler;

/// <summary>Says in the log that the scheduler has started, once everything that it needs is there.</summary>
internal sealed partial class SchedulerStart(IHostApplicationLifetime lifetime, ILogger<SchedulerStart> logger) : IHostedService
{
    public Task StartAsync(CancellationToken cancellationToken)
    {
        lifetime.ApplicationStarted.Register(() => LogStarted(logger, Environment.ProcessId));
        lifetime.ApplicationStopping.Register(() => LogStopping(logger));
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    [LoggerMessage(Level = LogLevel.Information, Message = "轮询调度器启动 (process {ProcessId})")]
    private static partial void LogStarted(ILogger logger, int processId);

    [LoggerMessage(Level = LogLevel.Information, Message = "轮询调度器停止")]
    private static partial void LogStopping(ILogger logger);
}
