using System.Globalization;
using System.Text.Json;
using Polling.AppHost.Processes;
using Polling.TestServers;

namespace Polling.Benchmarks.Engine.Recurring;

/// <summary>What another scheduler did with its recurring jobs, with some settings.</summary>
/// <param name="Version">Its own.</param>
/// <param name="Settings">For people.</param>
/// <param name="Entities">Recurring jobs that were registered.</param>
/// <param name="JobsPerSecond">Jobs performed in the window.</param>
/// <param name="AskedPerSecond">Jobs that the recurring jobs ask for.</param>
/// <param name="Overdue">Jobs that were overdue at the window's end: it was saturated.</param>
internal sealed record RivalRun(string Version, string Settings, long Entities, double JobsPerSecond, double AskedPerSecond, long Overdue)
{
    public string Note => string.Create(CultureInfo.InvariantCulture,
        $"{Version}, {Settings}; {Entities:N0} recurring jobs ask for {AskedPerSecond:N0}/s, {Overdue:N0} overdue at the end");
}

/// <summary>Runs another scheduler, fetched from its registry into a folder of its own.</summary>
internal sealed class RivalProgram : IDisposable
{
    private const int NotFound = 127;
    private readonly string _folder = TestFolders.Create("rival");

    /// <summary>Copies some files into the folder.</summary>
    /// <param name="files">Below the program's own folder.</param>
    public RivalProgram(params ReadOnlySpan<string> files)
    {
        foreach (var file in files)
        {
            File.Copy(Path.Combine(AppContext.BaseDirectory, file), Path.Combine(_folder, Path.GetFileName(file)));
        }
    }

    /// <summary>Runs a program in the folder to its end.</summary>
    /// <returns>The runs that it told of: each a line with a JSON object.</returns>
    /// <exception cref="InvalidOperationException">It is missing, failed, or took too long.</exception>
    public async Task<IReadOnlyList<RivalRun>> RunAsync(TimeSpan patience, string program, params string[] arguments)
    {
        var output = Path.Combine(_folder, Guid.NewGuid().ToString("N") + ".out");
        await using var process = SupervisedProcess.Start(new ProcessSpec
        {
            Name = program,
            FileName = program,
            Arguments = arguments,
            WorkingDirectory = _folder,
            OutputFile = output,
            // What a build leaves behind lies in the folder, and no build server outlives it.
            Environment = new Dictionary<string, string?> { ["XDG_DATA_HOME"] = _folder, ["MSBUILDDISABLENODEREUSE"] = "1", ["DOTNET_CLI_USE_MSBUILD_SERVER"] = "0" },
        });
        int code;
        try
        {
            code = await process.Exited.WaitAsync(patience);
        }
        catch (TimeoutException)
        {
            throw new InvalidOperationException(string.Create(CultureInfo.InvariantCulture, $"{program} {arguments[0]} took longer than {patience.TotalSeconds:F0} s"));
        }

        var lines = File.Exists(output) ? await File.ReadAllLinesAsync(output) : [];
        return code switch
        {
            0 => [.. lines.Where(line => line.StartsWith('{')).Select(line => JsonSerializer.Deserialize<RivalRun>(line, JsonSerializerOptions.Web)!)],
            NotFound => throw new InvalidOperationException($"{program} is not on this machine"),
            _ => throw new InvalidOperationException($"{program} {arguments[0]} failed: {string.Join(' ', lines.Where(line => line.Length > 0).Take(3))}"),
        };
    }

    public void Dispose() => TestFolders.Remove(_folder);
}
