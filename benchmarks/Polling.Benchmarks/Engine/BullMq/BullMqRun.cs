using System.Diagnostics;
using System.Globalization;

namespace Polling.Benchmarks.Engine.BullMq;

/// <summary>Runs BullMQ, fetched from npm into a temporary folder, against a Redis.</summary>
internal static class BullMqRun
{
    private const int Jobs = 40_000;
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(3);

    /// <summary>Its jobs a second: from adding to end, and from taking to end.</summary>
    /// <exception cref="InvalidOperationException">Node or npm is missing, or one of them failed: why.</exception>
    public static async Task<(double WholeLife, double Processing)> MeasureAsync(int port)
    {
        var folder = Directory.CreateTempSubdirectory("polling-bullmq-").FullName;
        try
        {
            foreach (var file in new[] { "package.json", "bullmq.mjs" })
            {
                File.Copy(Path.Combine(AppContext.BaseDirectory, "Engine", "BullMq", file), Path.Combine(folder, file));
            }

            await RunAsync("npm", folder, "install", "--no-audit", "--no-fund", "--loglevel=error");
            var output = await RunAsync("node", folder, "bullmq.mjs",
                port.ToString(CultureInfo.InvariantCulture), Jobs.ToString(CultureInfo.InvariantCulture));
            var figures = output.Trim().Split('\n')[^1].Split(' ');
            return (double.Parse(figures[0], CultureInfo.InvariantCulture), double.Parse(figures[1], CultureInfo.InvariantCulture));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static async Task<string> RunAsync(string program, string folder, params string[] arguments)
    {
        try
        {
            using var process = Process.Start(new ProcessStartInfo(program, arguments)
            {
                WorkingDirectory = folder,
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            })!;
            using var patience = new CancellationTokenSource(Longest);
            var output = process.StandardOutput.ReadToEndAsync(patience.Token);
            var error = process.StandardError.ReadToEndAsync(patience.Token);
            try
            {
                await process.WaitForExitAsync(patience.Token);
            }
            catch (OperationCanceledException)
            {
                process.Kill(entireProcessTree: true);
                throw new InvalidOperationException($"{program} took longer than {Longest.TotalMinutes} minutes");
            }

            return process.ExitCode == 0 ? await output : throw new InvalidOperationException($"{program} failed: {(await error).Trim()}");
        }
        catch (System.ComponentModel.Win32Exception)
        {
            throw new InvalidOperationException($"{program} is not on this machine");
        }
    }
}
