using System.Diagnostics;
using System.Globalization;
using Polling.AppHost.Options;

namespace Polling.AppHost.AspireFallback;

/// <summary>Hears what becomes of the processes.</summary>
internal interface IReport
{
    /// <summary>A process is ready.</summary>
    void Up(string name, bool again);

    /// <summary>A process ended that should not have.</summary>
    void Trouble(string name, string what);
}

/// <summary>For tests, which look for themselves.</summary>
internal sealed class SilentReport : IReport
{
    public void Up(string name, bool again)
    {
    }

    public void Trouble(string name, string what)
    {
    }
}

/// <summary>Tells the person at the console, in few and calm lines.</summary>
internal sealed class ConsoleReport : IReport
{
    private readonly Stopwatch _clock = Stopwatch.StartNew();
    private readonly Lock _lock = new();

    public void Begin(AppHostOptions options) =>
        Write($"Polling system: starting. Its data is in {options.DataDirectory}, its logs are in {options.LogDirectory}");

    public void Up(string name, bool again) => Write($"  {name,-13} {(again ? "up again" : "up")}{(again ? "" : $" after {Elapsed}")}");

    public void Trouble(string name, string what) => Write($"  {name,-13} {what}");

    public void Complete(AppHostOptions options, IEnumerable<RunnableResource> resources)
    {
        var lines = new List<string> { "", $"Everything is up after {Elapsed}. Ctrl-C stops it." };
        lines.AddRange(resources.Select(resource => $"  {resource.Name,-13} {resource.Whereabouts}"));
        lines.Add($"  {"logs",-13} {options.LogDirectory} (output of the processes: {Path.Combine(options.LogDirectory, "console")})");
        lines.Add("");
        Write([.. lines]);
    }

    public void Stopping() => Write("Stopping …");

    public void Stopped() => Write("Everything is stopped.");

    private string Elapsed => string.Create(CultureInfo.InvariantCulture, $"{_clock.Elapsed.TotalSeconds:0.0} s");

    private void Write(params string[] lines)
    {
        lock (_lock)
        {
            foreach (var line in lines)
            {
                Console.WriteLine(line);
            }
        }
    }
}
