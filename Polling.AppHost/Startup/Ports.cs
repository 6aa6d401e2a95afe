using System.Net;
using System.Net.Sockets;
using Polling.AppHost.Options;

namespace Polling.AppHost.Startup;

/// <summary>TCP ports of this machine.</summary>
internal static class Ports
{
    /// <summary>A port of 127.0.0.1 that nobody listens on at this moment.</summary>
    public static int Free()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    /// <summary>The port, or when it is taken any free one.</summary>
    public static int FreeNear(int port) => IsFree(port) ? port : Free();

    /// <summary>Checks the ports that the system is about to listen on.</summary>
    /// <exception cref="StartException">One is taken, or is asked for twice.</exception>
    public static void Check(AppHostOptions options)
    {
        var wanted = new List<(string Option, string What, int Port)> { ("ApiPort", "the admin API", options.ApiPort) };
        if (options.RedisConnectionString is null)
        {
            wanted.Add(("RedisPort", "Redis", options.RedisPort));
        }

        if (options.DatabaseConnectionString is null)
        {
            wanted.Add(("PostgresPort", "PostgreSQL", options.PostgresPort));
        }

        if (options.DashboardPort > 0)
        {
            wanted.Add(("DashboardPort", "the dashboard", options.DashboardPort));
        }

        foreach (var (option, what, port) in wanted)
        {
            if (wanted.FirstOrDefault(other => other.Port == port) is { } first && first.Option != option)
            {
                throw new StartException($"Polling:{option} and Polling:{first.Option} are both {port}: choose another for one of them");
            }

            if (!IsFree(port))
            {
                var holder = PortHolder.Find(port) is { } who ? $" by {who}" : "";
                throw new StartException($"port {port} for {what} is taken{holder}: stop that, or choose another with --Polling:{option}=PORT");
            }
        }
    }

    private static bool IsFree(int port)
    {
        try
        {
            using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            socket.Bind(new IPEndPoint(IPAddress.Loopback, port));
            socket.Listen();
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
