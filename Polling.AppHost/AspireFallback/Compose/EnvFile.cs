namespace Polling.AppHost.AspireFallback.Compose;

/// <summary>The file <c>.env</c>, which is the operator's: what stands in it stays, what is missing is added.</summary>
internal static class EnvFile
{
    /// <summary>What Compose would read from the file's text: names, and whether there is a value.</summary>
    public static IReadOnlyDictionary<string, bool> Read(IEnumerable<string> lines) =>
        lines.Select(line => line.Trim()).Where(line => !line.StartsWith('#') && line.IndexOf('=', StringComparison.Ordinal) > 0)
            .GroupBy(line => line.Split('=')[0].Trim(), StringComparer.Ordinal)
            .ToDictionary(named => named.Key, named => named.Last().Split('=', 2)[1].Trim().Length > 0, StringComparer.Ordinal);

    /// <summary>Adds to the file what it lacks. A new one can be read by its owner only: passwords are entered there.</summary>
    /// <returns>The names that have no value yet.</returns>
    public static async Task<IReadOnlyList<string>> CompleteAsync(string path, PublishedValues values, CancellationToken cancellationToken)
    {
        string[] lines = File.Exists(path) ? await File.ReadAllLinesAsync(path, cancellationToken) : [];
        var there = Read(lines);
        string[] added = [.. values.All.Where(value => !there.ContainsKey(value.Name)).SelectMany(value => new[] { $"# {value.Comment}", $"{value.Name}={value.Value}", "" })];
        if (!File.Exists(path))
        {
            var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
            if (!OperatingSystem.IsWindows())
            {
                options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
            }

            await using var made = new FileStream(path, options);
        }

        await File.WriteAllLinesAsync(path, [.. lines, .. added], cancellationToken);
        var now = Read([.. lines, .. added]);
        return [.. values.All.Select(value => value.Name).Where(name => !now[name])];
    }
}
