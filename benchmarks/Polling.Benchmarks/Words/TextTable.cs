using Spectre.Console;

namespace Polling.Benchmarks.Words;

/// <summary>Rows of text: drawn on a terminal, else plain lines in columns.</summary>
/// <param name="headings">Of the columns. One that ends with '>' has its column aligned to the right.</param>
internal sealed class TextTable(params string[] headings)
{
    private const char Right = '>';
    private readonly List<string[]> _rows = [];

    /// <summary>Whether a person watches.</summary>
    public static bool OnTerminal => !Console.IsOutputRedirected && AnsiConsole.Profile.Capabilities.Interactive;

    public void Add(params string[] cells) => _rows.Add(cells);

    /// <summary>Prints it.</summary>
    public void Print()
    {
        if (OnTerminal)
        {
            AnsiConsole.Write(Draw());
        }
        else
        {
            foreach (var line in Lines())
            {
                Console.WriteLine(line);
            }
        }
    }

    /// <summary>For a terminal.</summary>
    public Table Draw()
    {
        var table = new Table { Border = TableBorder.Rounded, BorderStyle = Style.Parse("grey") };
        foreach (var heading in headings)
        {
            var column = new TableColumn(new Text(Name(heading), Style.Parse("bold")));
            table.AddColumn(IsRight(heading) ? column.RightAligned().NoWrap() : column);
        }

        foreach (var row in _rows)
        {
            table.AddRow(row.Select(cell => new Text(cell, cell is "NO" ? Style.Parse("red") : Style.Plain)));
        }

        return table;
    }

    /// <summary>Plain.</summary>
    public IEnumerable<string> Lines()
    {
        string[][] all = [[.. headings.Select(Name)], .. _rows];
        var widths = headings.Select((_, column) => all.Max(row => row[column].Length)).ToArray();
        return all.Select(row => string.Join("  ", row.Select((cell, column) =>
            IsRight(headings[column]) ? cell.PadLeft(widths[column]) : cell.PadRight(widths[column]))).TrimEnd());
    }

    private static bool IsRight(string heading) => heading.EndsWith(Right);

    private static string Name(string heading) => heading.TrimEnd(Right);
}
