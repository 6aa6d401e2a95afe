using System.Globalization;
using Polling.MockGateway.Control;

namespace Polling.MockGateway.PassThrough;

/// <summary>Which accounts' calls are passed on to a real upstream, and how many of them are recorded. The default passes nothing on.</summary>
public sealed record PassThroughBehaviour
{
    /// <summary>Where calls of all accounts go that have no upstream of their own: a gateway laid out as this one. Empty: they are answered here.</summary>
    public string Upstream { get; init; } = "";

    /// <summary>Upstreams of single accounts, by account code: down to the dialect's root. Empty: answered here, whatever <see cref="Upstream"/> is.</summary>
    public IReadOnlyDictionary<string, string> Accounts { get; init; } = new Dictionary<string, string>();

    /// <summary>How long an upstream may take for its whole answer, seconds, 0.1 to 600.</summary>
    public double TimeoutSeconds { get; init; } = 30;

    /// <summary>How many passed calls are kept, the youngest: 0 (none) to 100,000.</summary>
    public int RecordCalls { get; init; }

    /// <summary>How much of each body is kept, bytes, 0 to 65,536.</summary>
    public int RecordBodyBytes { get; init; } = 4096;

    /// <summary>Where a call goes; null: it is answered here.</summary>
    /// <param name="account">Its account's code.</param>
    /// <param name="root">The root of its dialect.</param>
    /// <param name="path">Its path, below that root.</param>
    internal UpstreamTarget? TargetOf(string account, string root, PathString path) =>
        Accounts.TryGetValue(account, out var own) ? (own.Length == 0 ? null : new(own, "/" + path.Value![root.Length..]))
        : Upstream.Length == 0 ? null
        : new(Upstream, path);
}

/// <param name="Upstream">Its address, before the path.</param>
/// <param name="Path">What is asked for there.</param>
internal sealed record UpstreamTarget(string Upstream, PathString Path);

/// <summary>A partial update.</summary>
internal sealed record PassThroughPatch(string? Upstream, Dictionary<string, string>? Accounts, double? TimeoutSeconds, int? RecordCalls, int? RecordBodyBytes)
{
    public PassThroughBehaviour ApplyTo(PassThroughBehaviour old) => new()
    {
        Upstream = Upstream ?? old.Upstream,
        Accounts = Accounts ?? old.Accounts,
        TimeoutSeconds = TimeoutSeconds ?? old.TimeoutSeconds,
        RecordCalls = RecordCalls ?? old.RecordCalls,
        RecordBodyBytes = RecordBodyBytes ?? old.RecordBodyBytes,
    };
}

/// <summary>What <see cref="PassThroughBehaviour"/> may be.</summary>
internal static class PassThroughRules
{
    private const string Section = "PassThrough";
    private const int UrlLengthMax = 2_000;
    private const int RecordCallsMax = 100_000;
    private const int RecordBodyBytesMax = 65_536;
    private const double TimeoutSecondsMin = 0.1;
    private const double TimeoutSecondsMax = 600;

    public static IEnumerable<BehaviourRules.Failure?> Check(PassThroughBehaviour rules) =>
    [
        Url(nameof(rules.Upstream), rules.Upstream),
        .. rules.Accounts.Select(own => Url($"Accounts[{own.Key}]", own.Value)),
        rules.TimeoutSeconds is >= TimeoutSecondsMin and <= TimeoutSecondsMax
            ? null
            : new(Section, nameof(rules.TimeoutSeconds), rules.TimeoutSeconds.ToString(CultureInfo.InvariantCulture), "a number from 0.1 to 600"),
        Whole(nameof(rules.RecordCalls), rules.RecordCalls, RecordCallsMax),
        Whole(nameof(rules.RecordBodyBytes), rules.RecordBodyBytes, RecordBodyBytesMax),
    ];

    private static BehaviourRules.Failure? Url(string field, string? value) =>
        value is not null && (value.Length == 0 || IsBase(value))
            ? null
            : new(Section, field, $"'{value}'", "empty (none), or an http or https URL without user, query and fragment, such as http://localhost:5181");

    private static bool IsBase(string value) =>
        value.Length <= UrlLengthMax
        && Uri.TryCreate(value, UriKind.Absolute, out var url)
        && (url.Scheme == Uri.UriSchemeHttp || url.Scheme == Uri.UriSchemeHttps)
        && url.Host.Length > 0
        && url.UserInfo.Length == 0
        && value.IndexOfAny(['?', '#']) < 0;

    private static BehaviourRules.Failure? Whole(string field, int value, int max) => value >= 0 && value <= max
        ? null
        : new(Section, field, value.ToString(CultureInfo.InvariantCulture), string.Create(CultureInfo.InvariantCulture, $"a whole number from 0 to {max}"));
}
