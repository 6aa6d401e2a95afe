using System.Globalization;

namespace Polling.Benchmarks.Engine.BullMq;

/// <summary>Runs BullMQ, fetched from npm into a temporary folder, against a Redis.</summary>
internal static class BullMqRun
{
    private const int Jobs = 40_000;
    private const string Folder = "Engine/BullMq/";
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);

    /// <summary>Its jobs a second: from adding to end, and from taking to end.</summary>
    /// <exception cref="InvalidOperationException">Node or npm is missing, or one of them failed: why.</exception>
    public static async Task<(double WholeLife, double Processing)> MeasureAsync(int port)
    {
        using var program = new RivalProgram(Folder + "package.json", Folder + "bullmq.mjs");
        await program.RunAsync(Patience, "npm", "install", "--no-audit", "--no-fund", "--loglevel=error");
        var lines = await program.RunAsync(Patience, "node", "bullmq.mjs", port.ToString(CultureInfo.InvariantCulture), Jobs.ToString(CultureInfo.InvariantCulture));
        var figures = lines[^1].Split(' ');
        return (double.Parse(figures[0], CultureInfo.InvariantCulture), double.Parse(figures[1], CultureInfo.InvariantCulture));
    }
}
