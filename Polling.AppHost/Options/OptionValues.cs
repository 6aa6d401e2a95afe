using System.Globalization;
using Microsoft.Extensions.Configuration;
using Polling.AppHost.Startup;

namespace Polling.AppHost.Options;

/// <summary>Reads the keys of one section, and knows afterwards which were not asked for.</summary>
internal sealed class OptionValues(IConfigurationSection section)
{
    private readonly List<string> _known = [];

    public string Text(string key, string standard)
    {
        _known.Add(key);
        return section[key] is { Length: > 0 } value ? value : standard;
    }

    /// <exception cref="StartException">It is not a whole number in the range.</exception>
    public int Number(string key, int standard, int lowest, int highest)
    {
        _known.Add(key);
        if (section[key] is not { } value)
        {
            return standard;
        }

        return int.TryParse(value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) && number >= lowest && number <= highest
            ? number
            : throw new StartException($"{section.Path}:{key} is '{value}': it must be a whole number from {lowest} to {highest}");
    }

    /// <exception cref="StartException">It is none of the names, in lower case.</exception>
    public T Choice<T>(string key, T standard)
        where T : struct, Enum
    {
        _known.Add(key);
        if (section[key] is not { } value)
        {
            return standard;
        }

        var names = Array.ConvertAll(Enum.GetNames<T>(), name => name.ToLowerInvariant());
        var at = Array.IndexOf(names, value.ToLowerInvariant());
        return at >= 0 ? Enum.GetValues<T>()[at] : throw new StartException($"{section.Path}:{key} is '{value}': it must be one of {string.Join(", ", names)}");
    }

    /// <exception cref="StartException">There is a key that nobody asked for.</exception>
    public void RefuseUnknown()
    {
        foreach (var key in section.GetChildren().Select(child => child.Key))
        {
            if (!_known.Exists(known => known.Equals(key, StringComparison.OrdinalIgnoreCase) || known.StartsWith(key + ":", StringComparison.OrdinalIgnoreCase)))
            {
                var nearest = _known.MinBy(known => Distance(known.ToUpperInvariant(), key.ToUpperInvariant()));
                throw new StartException(
                    $"{section.Path}:{key} is not an option: did you mean {section.Path}:{nearest}? There are {string.Join(", ", _known)}");
            }
        }
    }

    // Levenshtein's: how many letters to add, drop or change.
    private static int Distance(string a, string b)
    {
        var row = Enumerable.Range(0, b.Length + 1).ToArray();
        for (var i = 1; i <= a.Length; i++)
        {
            var diagonal = row[0];
            row[0] = i;
            for (var j = 1; j <= b.Length; j++)
            {
                (diagonal, row[j]) = (row[j], Math.Min(Math.Min(row[j], row[j - 1]) + 1, diagonal + (a[i - 1] == b[j - 1] ? 0 : 1)));
            }
        }

        return row[^1];
    }
}
