using System.Text.Encodings.Web;
using System.Text.Json;

namespace Polling.Benchmarks.InitConfig;

/// <summary>Does changes, or in a dry run only tells them, a line each.</summary>
internal sealed class ChangeLog(InitConfigSettings settings)
{
    // Names of configurations are Chinese.
    private static readonly JsonSerializerOptions Readable = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
    private int _changed;
    private int _unchanged;

    /// <summary>What is as it should be.</summary>
    public void Unchanged() => _unchanged++;

    /// <summary>Does a change and tells it.</summary>
    public async Task DoAsync(string kind, string name, string change, Func<Task> doAsync)
    {
        if (!settings.DryRun)
        {
            await doAsync();
        }

        _changed++;
        Tell(kind, name, change, !settings.DryRun);
    }

    /// <summary>Tells something that nothing is done about.</summary>
    public void Note(string kind, string name, string what) => Tell(kind, name, what, done: false);

    /// <summary>Sums up.</summary>
    public void End()
    {
        if (!settings.Json)
        {
            Console.WriteLine($"{_changed} {(settings.DryRun ? "would be " : "")}changed, {_unchanged} already as they should be.");
        }
    }

    private void Tell(string kind, string name, string change, bool done) =>
        Console.WriteLine(settings.Json ? JsonSerializer.Serialize(new { kind, name, change, done }, Readable) : $"{kind} {name}: {change}");
}
