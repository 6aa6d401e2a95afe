using System.Globalization;
using System.Text.Json;
using Npgsql;
using Polling.AppHost.LocalServers;
using StackExchange.Redis;

namespace Polling.Benchmarks.Figures;

/// <summary>Prints figures as they come: a table, or one JSON object a line.</summary>
internal sealed class FigureReport(TextWriter output, bool json)
{
    private bool _headed;

    /// <summary>Measures a row. One that cannot be measured is told with the reason, and the others go on.</summary>
    public async Task TryAsync(string row, Func<Task> measure)
    {
        try
        {
            await measure();
        }
        catch (Exception e) when (e is LocalServerException or InvalidOperationException or TimeoutException or HttpRequestException or TaskCanceledException
            or NpgsqlException or RedisException or JsonException)
        {
            Add(new Figure(row, null, "", Note: e.Message));
        }
    }

    public void Add(Figure figure)
    {
        if (json)
        {
            output.WriteLine(JsonSerializer.Serialize(new
            {
                figure = figure.Name,
                value = figure.Value is { } value ? Math.Round(value, 3) : (double?)null,
                unit = figure.Unit,
                target = figure.Target,
                met = figure.Met,
                note = figure.Note,
            }));
            return;
        }

        if (!_headed)
        {
            output.WriteLine($"{"figure",-58}{"value",12} {"unit",-12}{"target",12}  met");
            _headed = true;
        }

        var target = figure.Target is { } limit ? (figure.AtMost ? "<= " : ">= ") + Number(limit) : "";
        var met = figure.Met switch { true => "yes", false => "NO", null => "" };
        output.WriteLine($"{figure.Name,-58}{(figure.Value is { } v ? Number(v) : "-"),12} {figure.Unit,-12}{target,12}  {met,-4}{figure.Note}".TrimEnd());
    }

    private static string Number(double value) =>
        value.ToString(Math.Abs(value) >= 100 ? "#,0" : "0.###", CultureInfo.InvariantCulture);
}
