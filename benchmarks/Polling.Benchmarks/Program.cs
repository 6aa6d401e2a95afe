using Polling.Benchmarks.Engine;
using Polling.Benchmarks.Figures;
using Polling.Benchmarks.Operations;

const string Help = """
    Measures the system against its targets, on this machine, with servers of its own on 127.0.0.1. It ends with 0 also where a target is missed.

      engine [--json] [--only ROW[,ROW...]]
          The queue engine. Needs redis-server; the row bullmq needs node and npm, the row idle PostgreSQL. About ten minutes.
          Rows: ENGINE

      operations [--json] [--only ROW[,ROW...]]
          What operators do, while the whole system polls a million cards at half of its capacity. Needs redis-server and PostgreSQL. About ten minutes.
          Rows: OPERATIONS

      --json   one object a line: figure, value, unit, target, met
      --only   some rows only
    """;

var benchmarks = new Dictionary<string, (IReadOnlyList<string> Rows, Func<FigureReport, string[], Task> RunAsync)>
{
    ["engine"] = (EngineBenchmark.Rows, (report, rows) => new EngineBenchmark(report).RunAsync(rows)),
    ["operations"] = (OperationsBenchmark.Rows, (report, rows) => new OperationsBenchmark(report).RunAsync(rows)),
};
if (args is [] or ["--help"] or ["-h"] or ["help"])
{
    Console.WriteLine(Help
        .Replace("ENGINE", string.Join(", ", EngineBenchmark.Rows), StringComparison.Ordinal)
        .Replace("OPERATIONS", string.Join(", ", OperationsBenchmark.Rows), StringComparison.Ordinal));
    return 0;
}

var name = args[0];
if (!benchmarks.TryGetValue(name, out var benchmark))
{
    return Refuse($"There is no benchmark '{name}'. There are: {string.Join(", ", benchmarks.Keys)}. Ask for --help.");
}

var json = false;
string[] rows = [.. benchmark.Rows];
for (var i = 1; i < args.Length; i++)
{
    switch (args[i])
    {
        case "--json":
            json = true;
            break;
        case "--only" when i + 1 < args.Length:
            rows = args[++i].Split(',');
            break;
        default:
            return Refuse($"{name}: '{args[i]}' is not one of its options --json and --only ROW[,ROW...].");
    }
}

if (rows.FirstOrDefault(row => !benchmark.Rows.Contains(row)) is { } unknown)
{
    return Refuse($"--only: there is no row '{unknown}'. There are: {string.Join(", ", benchmark.Rows)}.");
}

await benchmark.RunAsync(new FigureReport(Console.Out, json), rows);
return 0;

static int Refuse(string message)
{
    Console.Error.WriteLine(message);
    return 2;
}
