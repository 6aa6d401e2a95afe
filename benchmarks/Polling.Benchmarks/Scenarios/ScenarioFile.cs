using System.Text.Json;
using Polling.Benchmarks.Cards;
using Polling.Benchmarks.Words;

namespace Polling.Benchmarks.Scenarios;

/// <summary>Reads scenarios: JSON, with comments where wanted.</summary>
internal static class ScenarioFile
{
    private const int DaySeconds = 86_400;
    private const int IntervalMax = 2_592_000;
    private static readonly JsonDocumentOptions Options = new() { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true };

    private static readonly Dictionary<string, double> Faults = new()
    {
        ["http_500"] = 1,
        ["http_429"] = 1,
        ["other_error"] = 1,
        ["hang"] = 1,
        ["hang_seconds"] = 600,
        ["truncated"] = 1,
        ["wrong_card"] = 1,
        ["rubbish"] = 1,
    };

    /// <summary>Reads a file.</summary>
    /// <exception cref="WordException">There is none, or it is wrong; every mistake is named.</exception>
    public static Scenario Read(string file)
    {
        try
        {
            return Parse(File.ReadAllText(file), file);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new WordException($"SCENARIO.json is '{file}'; it must be a file that can be read: {e.Message}");
        }
    }

    /// <summary>Reads a text.</summary>
    /// <param name="json">The text.</param>
    /// <param name="file">How it is called in messages.</param>
    /// <exception cref="WordException">It is wrong; every mistake is named.</exception>
    public static Scenario Parse(string json, string file)
    {
        var problems = new List<string>();
        try
        {
            using var document = JsonDocument.Parse(json, Options);
            if (document.RootElement.ValueKind != JsonValueKind.Object)
            {
                throw new WordException($"{file} holds {document.RootElement.ValueKind}; it must hold an object: {{\"name\": ...}}.");
            }

            var scenario = Read(new FieldReader(document.RootElement, "", problems), problems);
            return problems.Count == 0 ? scenario : throw new WordException($"{file}: {string.Join("; ", problems)}.");
        }
        catch (JsonException e)
        {
            throw new WordException($"{file} is no JSON (line {e.LineNumber + 1}): {e.Message.Split('.')[0]}.");
        }
    }

    private static Scenario Read(FieldReader root, List<string> problems)
    {
        const string NameRule = "1 to 60 of a-z, 0-9 and -";
        var standard = new Scenario { Name = "" };
        var name = root.Text("name", NameRule, text => text.Length is > 0 and <= 60 && text.All(c => c is '-' or (>= 'a' and <= 'z') or (>= '0' and <= '9')));
        if (name is null && problems.Count == 0)
        {
            root.Refuse("name", "missing", NameRule);
        }

        var scenario = new Scenario
        {
            Name = name ?? "",
            Description = root.Text("description", "at most 1000 characters", text => text.Length <= 1000) ?? "",
            Fleet = Fleet(root.Object("fleet"), standard.Fleet),
            Quotas = Quotas(root.Object("quotas"), standard.Quotas),
            Intervals = Intervals(root.Object("intervals"), standard.Intervals),
            Gateway = Gateway(root.Object("gateway"), standard.Gateway),
            System = System(root.Object("system"), standard.System),
            WarmUpSeconds = root.Integer("warm_up_seconds", 0, DaySeconds) ?? standard.WarmUpSeconds,
            DurationSeconds = root.Integer("duration_seconds", 5, DaySeconds) ?? standard.DurationSeconds,
            Targets = Targets(root.Object("targets")),
        };
        root.End();
        return scenario;
    }

    private static FleetPart Fleet(FieldReader fields, FleetPart standard)
    {
        const string StartRule = "\"steady\", \"new\" or \"overdue\"";
        var start = fields.Text("start", StartRule, text => text is "steady" or "new" or "overdue");
        var part = new FleetPart
        {
            Cards = fields.Integer("cards", 1, (int)LoadFleet.CardsMax) ?? standard.Cards,
            Accounts = fields.Integer("accounts", LoadFleet.Carriers.Count, 4000),
            Seed = fields.Integer("seed", 0, int.MaxValue) ?? standard.Seed,
            Start = start is null ? standard.Start : Enum.Parse<FleetStart>(start, ignoreCase: true),
        };
        fields.End();
        return part;
    }

    private static QuotaPart Quotas(FieldReader fields, QuotaPart standard)
    {
        var part = new QuotaPart
        {
            CallsPerSecond = fields.Integer("calls_per_second", 1, 1_000_000),
            CardsPerCall = fields.Integer("cards_per_call", 1, 500),
            MaxInFlight = fields.Integer("max_in_flight", 1, 100_000),
            Enforced = fields.Flag("enforced") ?? standard.Enforced,
        };
        fields.End();
        return part;
    }

    private static IntervalPart Intervals(FieldReader fields, IntervalPart standard)
    {
        var part = new IntervalPart
        {
            RealNameMissingSeconds = Interval("realname_missing_seconds", 10, standard.RealNameMissingSeconds),
            RealNameKnownSeconds = Interval("realname_known_seconds", 10, standard.RealNameKnownSeconds),
            CardDataSeconds = Interval("carddata_seconds", 60, standard.CardDataSeconds),
            CardDataAdaptiveMinSeconds = Interval("carddata_adaptive_min_seconds", 30, standard.CardDataAdaptiveMinSeconds),
            PackageSeconds = Interval("package_seconds", 60, standard.PackageSeconds),
        };
        if (part.CardDataSeconds > 0 && part.CardDataAdaptiveMinSeconds > part.CardDataSeconds)
        {
            fields.Refuse("carddata_adaptive_min_seconds", $"{part.CardDataAdaptiveMinSeconds}", $"0 (a fixed interval) or at most carddata_seconds, {part.CardDataSeconds}");
        }

        fields.End();
        return part;

        int Interval(string name, int min, int missing)
        {
            var seconds = fields.Integer(name, 0, IntervalMax) ?? missing;
            if (seconds > 0 && seconds < min)
            {
                fields.Refuse(name, $"{seconds}", $"0 (off) or an integer from {min} to {IntervalMax}");
            }

            return seconds;
        }
    }

    private static GatewayPart Gateway(FieldReader fields, GatewayPart standard)
    {
        var part = new GatewayPart
        {
            LatencyMsMedian = fields.Number("latency_ms_median", 0, 60_000) ?? standard.LatencyMsMedian,
            LatencySigma = fields.Number("latency_sigma", 0, 3) ?? standard.LatencySigma,
            LatencyMsMax = fields.Number("latency_ms_max", 0, 600_000) ?? standard.LatencyMsMax,
            Faults = Faulty(fields.Object("faults")),
        };
        fields.End();
        return part;

        static IReadOnlyDictionary<string, double> Faulty(FieldReader faults)
        {
            var shares = faults.Numbers(Faults);
            var sum = shares.Where(share => share.Key != "hang_seconds").Sum(share => share.Value);
            if (sum > 1)
            {
                faults.Refuse("(all shares together)", FormattableString.Invariant($"{sum}"), "at most 1");
            }

            faults.End();
            return shares;
        }
    }

    private static SystemPart System(FieldReader fields, SystemPart standard)
    {
        var part = new SystemPart
        {
            Executors = fields.Integer("executors", 1, 16) ?? standard.Executors,
            Schedulers = fields.Integer("schedulers", 1, 16) ?? standard.Schedulers,
            CallsInFlight = fields.Integer("calls_in_flight", 1, 2000) ?? standard.CallsInFlight,
            Permits = fields.Integer("permits", 1, 10_000) ?? standard.Permits,
            InitialisationBatch = fields.Integer("initialisation_batch", 1000, 1_000_000) ?? standard.InitialisationBatch,
            InitialisationPauseMs = fields.Integer("initialisation_pause_ms", 0, 60_000) ?? standard.InitialisationPauseMs,
            Telemetry = fields.Flag("telemetry") ?? standard.Telemetry,
            Durable = fields.Flag("durable") ?? standard.Durable,
        };
        fields.End();
        return part;
    }

    private static IReadOnlyDictionary<string, double> Targets(FieldReader fields)
    {
        var targets = fields.Numbers(RunFigures.Targets.ToDictionary(name => name, _ => 1e12));
        fields.End();
        return targets;
    }
}
