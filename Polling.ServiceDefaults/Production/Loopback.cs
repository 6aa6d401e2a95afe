using System.Net;

namespace Polling.ServiceDefaults;

/// <summary>Whether a host is this machine, by its name alone: no name is resolved, another may lead here today and elsewhere tomorrow.</summary>
public static class Loopback
{
    /// <summary>True for <c>localhost</c>, names below it, and loopback addresses.</summary>
    public static bool Is(string host)
    {
        ArgumentNullException.ThrowIfNull(host);
        return host.Equals("localhost", StringComparison.OrdinalIgnoreCase)
            || host.EndsWith(".localhost", StringComparison.OrdinalIgnoreCase)
            || (IPAddress.TryParse(host, out var address) && IPAddress.IsLoopback(address));
    }
}
