using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace Polling.TestServers;

/// <summary>TCP ports for test servers.</summary>
public static class FreePort
{
    private static readonly ConcurrentDictionary<int, bool> Given = [];

    /// <summary>A port of 127.0.0.1 that nobody listens on at this moment, and that no other test of this process was given.</summary>
    public static int Next()
    {
        while (true)
        {
            using var listener = new TcpListener(IPAddress.Loopback, 0);
            listener.Start();
            var port = ((IPEndPoint)listener.LocalEndpoint).Port;
            if (Given.TryAdd(port, true))
            {
                return port;
            }
        }
    }
}
