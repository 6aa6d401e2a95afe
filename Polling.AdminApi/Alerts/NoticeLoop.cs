using Polling.Core.Alerts;

namespace Polling.AdminApi.Alerts;

/// <summary>Sends the notices of alerts as the schedulers do, every 2 s: who else would, when none is left.</summary>
internal sealed partial class NoticeLoop(AlertSender sender, TimeProvider clock, ILogger<NoticeLoop> logger) : BackgroundService
{
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(2);
    private bool _isInTrouble;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Every, clock);
        do
        {
            try
            {
                while (await sender.RunOnceAsync(stoppingToken) > 0)
                {
                }

                _isInTrouble = false;
            }
#pragma warning disable CA1031 // The next round may do better; the API must not end because of it.
            catch (Exception e) when (!stoppingToken.IsCancellationRequested)
#pragma warning restore CA1031
            {
                if (!_isInTrouble)
                {
                    LogFailed(e);
                }

                _isInTrouble = true;
            }
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Notices of alerts cannot be sent now; it is tried again")]
    private partial void LogFailed(Exception exception);
}
