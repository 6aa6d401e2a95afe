using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using Polling.Benchmarks.Figures;
using Polling.Benchmarks.Words;

namespace Polling.Benchmarks.Scenarios;

/// <summary>A run as it is kept: <c>report.json</c>; its samples lie beside it.</summary>
/// <param name="Scenario">What was run.</param>
/// <param name="Command">How.</param>
/// <param name="Machine">On what.</param>
/// <param name="StartedAt">When the programs were started.</param>
/// <param name="EndedAt">When the last sample was taken.</param>
/// <param name="Counts">What was counted.</param>
/// <param name="Figures">The figures, beside their targets.</param>
internal sealed record RunResult(
    Scenario Scenario, string Command, MachineFacts Machine, DateTimeOffset StartedAt, DateTimeOffset EndedAt, RunCounts Counts, IReadOnlyList<Figure> Figures)
{
    public const string ResultFile = "report.json";
    public const string SamplesFile = "samples.jsonl";

    private static readonly JsonSerializerOptions Json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        WriteIndented = true,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.SnakeCaseLower) },
    };

    /// <summary>Writes it.</summary>
    public Task WriteAsync(string folder, CancellationToken cancellation) =>
        File.WriteAllTextAsync(Path.Combine(folder, ResultFile), JsonSerializer.Serialize(this, Json) + "\n", cancellation);

    /// <summary>Reads a folder that run has written.</summary>
    /// <exception cref="WordException">It is no such folder.</exception>
    public static (RunResult Result, IReadOnlyList<Sample> Samples) Read(string folder)
    {
        try
        {
            return (
                JsonSerializer.Deserialize<RunResult>(File.ReadAllText(Path.Combine(folder, ResultFile)), Json)!,
                [.. File.ReadLines(Path.Combine(folder, SamplesFile)).Where(line => line.Length > 0).Select(line => JsonSerializer.Deserialize<Sample>(line, Json)!)]);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or JsonException)
        {
            throw new WordException($"FOLDER is '{folder}'; it must be a folder that the word run has written, with {ResultFile} and {SamplesFile}: {e.Message}");
        }
    }
}
