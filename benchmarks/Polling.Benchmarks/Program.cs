using Polling.Benchmarks.Engine;
using Polling.Benchmarks.Figures;

const string Help = """
    Measures the system against its targets, on this machine, with servers of its own on 127.0.0.1. It ends with 0 also where a target is missed.

      engine [--json] [--only ROW[,ROW...]]
          The queue engine. Needs redis-server; the row bullmq needs node and npm, the row idle PostgreSQL. About ten minutes.
          --json   one object a line: figure, value, unit, target, met
          --only   some rows only, of: ROWS
    """;

var help = Help.Replace("ROWS", string.Join(", ", EngineBenchmark.Rows), StringComparison.Ordinal);
switch (args)
{
    case [] or ["--help"] or ["-h"] or ["help"]:
        Console.WriteLine(help);
        return 0;
    case ["engine", .. var rest]:
        var json = false;
        string[] rows = [.. EngineBenchmark.Rows];
        for (var i = 0; i < rest.Length; i++)
        {
            switch (rest[i])
            {
                case "--json":
                    json = true;
                    break;
                case "--only" when i + 1 < rest.Length:
                    rows = rest[++i].Split(',');
                    break;
                default:
                    return Refuse($"engine: '{rest[i]}' is not one of its options --json and --only ROW[,ROW...].");
            }
        }

        if (rows.FirstOrDefault(row => !EngineBenchmark.Rows.Contains(row)) is { } unknown)
        {
            return Refuse($"--only: there is no row '{unknown}'. There are: {string.Join(", ", EngineBenchmark.Rows)}.");
        }

        await new EngineBenchmark(new FigureReport(Console.Out, json)).RunAsync(rows);
        return 0;
    default:
        return Refuse($"There is no benchmark '{args[0]}'. There is: engine. Ask for --help.");
}

static int Refuse(string message)
{
    Console.Error.WriteLine(message);
    return 2;
}
