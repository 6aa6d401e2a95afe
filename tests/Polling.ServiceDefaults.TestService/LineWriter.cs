namespace Polling.ServiceDefaults.TestService;

/// <summary>Writes numbered log lines from two threads as fast as it can, then ends the process.</summary>
internal sealed partial class LineWriter(IConfiguration configuration, ILogger<LineWriter> logger, IHostApplicationLifetime lifetime)
    : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var lines = configuration.GetValue<int>("Lines");
        var writer = configuration.GetValue<int>("Writer");
        await Parallel.ForEachAsync(
            Enumerable.Range(0, lines),
            new ParallelOptions { MaxDegreeOfParallelism = 2, CancellationToken = stoppingToken },
            (line, _) =>
            {
                Line(logger, writer, line, new string('x', line % 300));
                return ValueTask.CompletedTask;
            });
        lifetime.StopApplication();
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "writer={Writer} line={Line} 实名检查完成 {Filler} end")]
    private static partial void Line(ILogger logger, int writer, int line, string filler);
}
