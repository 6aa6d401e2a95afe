using System.Reflection;
using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;

namespace Polling.Core.Queue.Scripts;

/// <summary>
/// The scripts of this assembly: one file each beside its C# caller, embedded, named <c>verb-N.lua</c> (N = number of fixed keys).
/// Loaded and checked once, at start: a bad name, a missing include or a key that the head does not document throws.
/// </summary>
public sealed partial class ScriptLibrary
{
    private const string IncludePrefix = "-- @include ";
    private readonly Dictionary<string, RedisScript> _scripts = [];

    /// <summary>Loads every script.</summary>
    /// <param name="replacements">Includes to take instead of those of the same name; a simulation replaces <c>now</c>.</param>
    /// <exception cref="InvalidOperationException">A script's name, head or include is wrong.</exception>
    public ScriptLibrary(IReadOnlyDictionary<string, string>? replacements = null)
    {
        var assembly = typeof(ScriptLibrary).Assembly;
        var files = assembly.GetManifestResourceNames().Where(n => n.EndsWith(".lua", StringComparison.Ordinal)).ToArray();
        var includes = files.Where(IsInclude).ToDictionary(n => FileName().Match(n).Groups["file"].Value, n => Read(assembly, n));
        foreach (var (name, text) in replacements ?? new Dictionary<string, string>())
        {
            includes[name] = text;
        }

        foreach (var file in files.Where(n => !IsInclude(n)))
        {
            var script = Load(file, Read(assembly, file), includes);
            if (!_scripts.TryAdd(script.Verb, script))
            {
                throw new InvalidOperationException($"Two scripts are named '{script.Verb}'.");
            }
        }
    }

    /// <summary>All scripts.</summary>
    public IReadOnlyCollection<RedisScript> Scripts => _scripts.Values;

    /// <summary>The script of this name.</summary>
    /// <exception cref="InvalidOperationException">There is none.</exception>
    public RedisScript this[string verb] => _scripts.TryGetValue(verb, out var script)
        ? script
        : throw new InvalidOperationException($"There is no script '{verb}'. There are: {string.Join(", ", _scripts.Keys.Order())}.");

    private static bool IsInclude(string resource) => resource.Contains(".includes.", StringComparison.Ordinal);

    private static RedisScript Load(string resource, string text, Dictionary<string, string> includes)
    {
        var name = ScriptName().Match(resource);
        if (!name.Success)
        {
            throw new InvalidOperationException($"The script '{resource}' is not named verb-N.lua.");
        }

        var fixedKeys = int.Parse(name.Groups["keys"].ValueSpan, System.Globalization.CultureInfo.InvariantCulture);
        var documented = DocumentedKey().Matches(text).Select(m => m.Groups[1].Value).ToHashSet();
        for (var key = 1; key <= fixedKeys; key++)
        {
            if (!documented.Contains(key.ToString(System.Globalization.CultureInfo.InvariantCulture)))
            {
                throw new InvalidOperationException($"The script '{resource}' takes {fixedKeys} keys, but its head does not tell what KEYS[{key}] is.");
            }
        }

        var body = new StringBuilder();
        foreach (var line in text.Split('\n'))
        {
            if (!line.StartsWith(IncludePrefix, StringComparison.Ordinal))
            {
                body.Append(line).Append('\n');
            }
            else if (includes.TryGetValue(line[IncludePrefix.Length..].Trim(), out var include))
            {
                body.Append(include).Append('\n');
            }
            else
            {
                throw new InvalidOperationException($"The script '{resource}' includes '{line[IncludePrefix.Length..]}', which does not exist.");
            }
        }

        var whole = body.ToString();
#pragma warning disable CA5350 // SHA-1 is the name that Redis gives a script, no protection.
        var hash = SHA1.HashData(Encoding.UTF8.GetBytes(whole));
#pragma warning restore CA5350
        return new RedisScript(name.Groups["verb"].Value, fixedKeys, whole, hash);
    }

    private static string Read(Assembly assembly, string resource)
    {
        using var reader = new StreamReader(assembly.GetManifestResourceStream(resource)!, Encoding.UTF8);
        return reader.ReadToEnd().ReplaceLineEndings("\n");
    }

    [GeneratedRegex(@"\.(?<file>[a-z]+)\.lua$")]
    private static partial Regex FileName();

    [GeneratedRegex(@"\.(?<verb>[a-z]+)-(?<keys>\d+)\.lua$")]
    private static partial Regex ScriptName();

    [GeneratedRegex(@"^-- KEYS\[(\d+)\] ", RegexOptions.Multiline)]
    private static partial Regex DocumentedKey();
}
