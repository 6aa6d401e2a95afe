using System.Globalization;
using Polling.AppHost.Processes;
using Polling.TestServers;

namespace Polling.Benchmarks.Engine;

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
    /// <returns>The lines that it printed, without empty ones.</returns>
    /// <exception cref="InvalidOperationException">It is missing, failed, or took too long.</exception>
    public async Task<string[]> RunAsync(TimeSpan patience, string program, params string[] arguments)
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

        string[] lines = File.Exists(output) ? [.. (await File.ReadAllLinesAsync(output)).Where(line => line.Length > 0)] : [];
        return code switch
        {
            0 => lines,
            NotFound => throw new InvalidOperationException($"{program} is not on this machine"),
            _ => throw new InvalidOperationException($"{program} {arguments[0]} failed: {string.Join(' ', lines.Take(3))}"),
        };
    }

    public void Dispose() => TestFolders.Remove(_folder);
}
