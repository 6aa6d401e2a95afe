#if !ASPIRE_PACKAGES // The list is that of the packages without Aspire's, as the lock files are.
using System.Text.Json;
using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace Polling.Architecture.Tests;

/// <summary>docs/licences.md names the licence of each package that anything here is restored with, and of no other.</summary>
public partial class LicenceTests
{
    [Fact]
    public void Every_package_is_listed_with_its_licence()
    {
        var listed = TableRow().Matches(Repository.Read("docs/licences.md")).ToDictionary(row => row.Groups["name"].Value, row => row.Groups["licence"].Value);
        var used = Packages();
        var missing = used.Where(package => !listed.TryGetValue(package.Key, out var licence) || (package.Value.Length > 0 && licence != package.Value))
            .Select(package => $"| {package.Key} | {(package.Value.Length > 0 ? package.Value : "?")} |").Order(StringComparer.OrdinalIgnoreCase).ToArray();

        Assert.True(used.Count > 50, $"only {used.Count} packages were found");
        Assert.True(missing.Length == 0, "docs/licences.md lacks these rows (? = look it up in the package):\n" + string.Join('\n', missing));
        Assert.Empty(listed.Keys.Except(used.Keys));
    }

    // Name and licence, "" where the package names a file or an address instead of an SPDX expression.
    private static Dictionary<string, string> Packages()
    {
        var packages = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        foreach (var project in Project().Matches(Repository.Read("Polling.sln")).Select(match => match.Groups["path"].Value.Replace('\\', '/')))
        {
            using var assets = JsonDocument.Parse(Repository.Read(Path.Combine(Path.GetDirectoryName(project)!, "obj", "project.assets.json")));
            var folders = assets.RootElement.GetProperty("packageFolders").EnumerateObject().Select(folder => folder.Name).ToArray();
            foreach (var library in assets.RootElement.GetProperty("libraries").EnumerateObject())
            {
                var name = library.Name.Split('/')[0];
                if (library.Value.GetProperty("type").GetString() == "package" && !packages.ContainsKey(name))
                {
                    packages[name] = LicenceOf(folders.Select(folder => Path.Combine(folder, library.Value.GetProperty("path").GetString()!)).First(Directory.Exists));
                }
            }
        }

        return packages;
    }

    private static string LicenceOf(string folder) =>
        XDocument.Load(Directory.EnumerateFiles(folder, "*.nuspec").Single()).Descendants()
            .FirstOrDefault(element => element.Name.LocalName == "license" && element.Attribute("type")?.Value == "expression")?.Value ?? "";

    [GeneratedRegex(@"^\| (?!package )(?<name>[A-Za-z0-9._-]+) \| (?<licence>[^|]+) \|$", RegexOptions.Multiline)]
    private static partial Regex TableRow();

    [GeneratedRegex(@"^Project\(.*?, ""(?<path>[^""]+\.csproj)""", RegexOptions.Multiline)]
    private static partial Regex Project();
}
#endif
