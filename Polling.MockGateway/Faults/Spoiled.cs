using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Polling.MockGateway.Calls;

namespace Polling.MockGateway.Faults;

/// <summary>Answers that went wrong on their way, whatever the dialect. Nothing counts as told by them.</summary>
internal static class Spoiled
{
    private const int HugeBody = 10 * 1024 * 1024;
    private const int YearDigits = 4;

    // Cards of no carrier: ours begin with 8986.
    private const string OtherPrefix = "8985";

    private static readonly string[] Ids = ["id", "iccid"];
    private static readonly string[] Numbers =
    [
        "used_bytes", "allowance_bytes", "dataAmount", "useAmount", "totalAmount", "totalFlow", "usedFlow", "totalBytes", "ctdDataUsage", "dataUsage",
        "ratePlanAllowance",
    ];

    private static readonly string[] Times = ["as_of", "cycle", "valid_until", "expireTime", "statTime", "expireDate", "cycleStartDate", "asOf"];

    public static Reply InternalError { get; } = new("", Encoding.UTF8.GetBytes("<html><body>Internal Server Error</body></html>"), [])
    {
        HttpStatus = StatusCodes.Status500InternalServerError,
        ContentType = "text/html",
    };

    /// <summary>It ends in the middle.</summary>
    public static Reply Truncated(Reply reply) => reply with { Status = "truncated", Body = reply.Body[..(reply.Body.Length / 2)], Answers = [] };

    /// <summary>It is about other cards.</summary>
    public static Reply WrongCard(Reply reply) => Changed(reply, "wrong_card", Ids, id => OtherPrefix + id[Math.Min(OtherPrefix.Length, id.Length)..]);

    /// <summary>Rubbish of a kind.</summary>
    public static Reply Rubbish(Reply reply, string kind) => kind switch
    {
        RubbishKind.Html => reply with { Status = kind, Body = Encoding.UTF8.GetBytes("<html><body>Welcome</body></html>"), ContentType = "text/html", Answers = [] },
        RubbishKind.Empty => reply with { Status = kind, Body = [], Answers = [] },
        RubbishKind.HugeBody => reply with { Status = kind, Padding = HugeBody, Answers = [] },
        RubbishKind.BlankNumbers => Changed(reply, kind, Numbers, _ => " "),
        RubbishKind.NegativeNumbers => Changed(reply, kind, Numbers, number => "-1" + UnitOf(number)),
        RubbishKind.HugeNumbers => Changed(reply, kind, Numbers, number => "1e99" + UnitOf(number)),
        RubbishKind.Year1 => Changed(reply, kind, Times, time => "0001" + time[Math.Min(YearDigits, time.Length)..]),
        _ => Changed(reply, kind, Times, time => "9999" + time[Math.Min(YearDigits, time.Length)..]),
    };

    private static string UnitOf(string number) => number.TrimStart("0123456789.".ToCharArray());

    private static Reply Changed(Reply reply, string status, string[] names, Func<string, string> change)
    {
        try
        {
            var json = JsonNode.Parse(reply.Body);
            Walk(json, names, change);
            return reply with { Status = status, Body = JsonSerializer.SerializeToUtf8Bytes(json), Answers = [] };
        }
        catch (Exception e) when (e is JsonException or ArgumentException)
        {
            return reply; // An upstream's, which is no JSON already, or has a field twice.
        }
    }

    private static void Walk(JsonNode? node, string[] names, Func<string, string> change)
    {
        if (node is JsonArray array)
        {
            foreach (var item in array)
            {
                Walk(item, names, change);
            }
        }
        else if (node is JsonObject fields)
        {
            foreach (var (name, value) in fields.ToArray())
            {
                if (value is JsonValue leaf && names.Contains(name))
                {
                    var isNumber = leaf.GetValueKind() == JsonValueKind.Number;
                    var text = change(isNumber ? leaf.ToJsonString() : leaf.ToString());
                    fields[name] = isNumber && text != " " ? JsonNode.Parse(text) : JsonValue.Create(text);
                }
                else
                {
                    Walk(value, names, change);
                }
            }
        }
    }
}
