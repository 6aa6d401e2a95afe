using System.Net;
using Polling.ServiceDefaults;

namespace Polling.AdminApi.Access;

/// <summary>
/// Whether the API is open without a key: in development, when it listens on loopback only, to programs of this machine. A page of some
/// web site in a browser on this machine is none: what it sends names that site, or a host name that is not this machine's.
/// </summary>
internal sealed class OpenAccess(IHostEnvironment environment, IConfiguration configuration)
{
    private const string Urls = "urls";

    /// <summary>Whether requests without a key can be answered at all.</summary>
    public bool IsOpen { get; } = environment.IsDevelopment() && Addresses(configuration).All(IsLoopback);

    /// <summary>For a message: why keys are needed.</summary>
    public string Setting => environment.IsDevelopment()
        ? $"it listens on {string.Join(", ", Addresses(configuration))}"
        : $"the environment is {environment.EnvironmentName}";

    /// <summary>Whether this request is answered without a key.</summary>
    public bool IsOpenTo(HttpContext context)
    {
        var request = context.Request;
        return IsOpen
            && context.Connection.RemoteIpAddress is { } address && IPAddress.IsLoopback(address)

            // Someone else's, handed on by a proxy on this machine.
            && !request.Headers.Keys.Any(IsProxys)
            && Loopback.Is(request.Host.Host)
            && IsOwnOrigin(request);
    }

    private static bool IsProxys(string header) =>
        header.Equals("Forwarded", StringComparison.OrdinalIgnoreCase) || header.Equals("Via", StringComparison.OrdinalIgnoreCase)
        || header.Equals("X-Real-IP", StringComparison.OrdinalIgnoreCase) || header.StartsWith("X-Forwarded-", StringComparison.OrdinalIgnoreCase)

        // What the middleware for forwarded headers leaves of them.
        || header.StartsWith("X-Original-", StringComparison.OrdinalIgnoreCase);

    // Programs send none of these headers. A link that is followed from another site is a cross-site GET, too; the page that it leads to is its own.
    private static bool IsOwnOrigin(HttpRequest request) =>
        (request.Headers["Sec-Fetch-Site"].ToString() is "" or "same-origin" or "none"
            || (HttpMethods.IsGet(request.Method) && request.Headers["Sec-Fetch-Mode"] == "navigate" && request.Headers["Sec-Fetch-Dest"] == "document"))
        && request.Headers.Origin.ToString() is var origin && (origin.Length == 0 || origin == $"{request.Scheme}://{request.Host}");

    // All that is named anywhere: which of them Kestrel prefers is a setting, too.
    private static IReadOnlyList<string> Addresses(IConfiguration configuration)
    {
        const string Any = "http://*";
        string[] endpoints = [.. configuration.GetSection("Kestrel:Endpoints").GetChildren().Select(endpoint => endpoint["Url"] ?? Any)];
        var urls = configuration[Urls]?.Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries) ?? [];
        string[] named = [.. endpoints, .. urls];

        // Ports alone mean all addresses; without any setting it is localhost.
        return named.Length > 0 || (string.IsNullOrEmpty(configuration["http_ports"]) && string.IsNullOrEmpty(configuration["https_ports"])) ? named : [Any];
    }

    private static bool IsLoopback(string address)
    {
        try
        {
            return Loopback.Is(BindingAddress.Parse(address).Host);
        }
        catch (FormatException)
        {
            // Kestrel says what is wrong with it.
            return false;
        }
    }
}
