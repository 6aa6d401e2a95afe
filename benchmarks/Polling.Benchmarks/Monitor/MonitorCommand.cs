using System.Text.Json;
using Polling.Benchmarks.Api;
using Polling.Benchmarks.Words;
using Spectre.Console;
using Spectre.Console.Cli;

namespace Polling.Benchmarks.Monitor;

/// <summary>Looks at a system each second until it is stopped. An API that is away is shown, and asked again.</summary>
internal sealed class MonitorCommand : AsyncCommand<MonitorSettings>
{
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(1);

    public override async Task<int> ExecuteAsync(CommandContext context, MonitorSettings settings, CancellationToken cancellationToken)
    {
        using var end = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        if (OptionText.NumberOrNull("--for", settings.For, 1, 1_000_000) is { } seconds)
        {
            end.CancelAfter(TimeSpan.FromSeconds(seconds));
        }

        using var api = settings.Connect();
        var reader = new LiveReader(api, TimeProvider.System);
        if (settings.Json || !TextTable.OnTerminal)
        {
            await WatchAsync(reader, view => Console.WriteLine(settings.Json ? JsonSerializer.Serialize(view, PollingApi.Json) : LiveTables.Line(view)), end.Token);
        }
        else
        {
            await AnsiConsole.Live(new Text("")).Overflow(VerticalOverflow.Crop).StartAsync(live => WatchAsync(
                reader,
                view =>
                {
                    live.UpdateTarget(LiveTables.Draw(view, api.Address));
                    live.Refresh();
                },
                end.Token));
        }

        return 0;
    }

    private static async Task WatchAsync(LiveReader reader, Action<LiveView> show, CancellationToken end)
    {
        try
        {
            using var timer = new PeriodicTimer(Every);
            do
            {
                show(await reader.ReadAsync(end));
            }
            while (await timer.WaitForNextTickAsync(end));
        }
        catch (OperationCanceledException) when (end.IsCancellationRequested)
        {
            // Ctrl-C, or its time is up.
        }
    }
}
