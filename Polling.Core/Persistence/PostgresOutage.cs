using System.Net.Sockets;
using Npgsql;

namespace Polling.Core.Persistence;

/// <summary>Tells what passes by itself from what somebody has to mend.</summary>
public static class PostgresOutage
{
    // What the driver says, with nothing behind it, when it knows of each of several hosts that it is down or not the primary.
    private const string NoHost = "No suitable host was found.";

    /// <summary>
    /// Whether waiting may mend it: nobody listens yet, the server starts or stops, the database is not made yet; of several hosts, none is the primary now.
    /// </summary>
    public static bool IsOne(NpgsqlException exception)
    {
        ArgumentNullException.ThrowIfNull(exception);
        return exception switch
        {
            PostgresException server => server.SqlState is PostgresErrorCodes.CannotConnectNow or PostgresErrorCodes.InvalidCatalogName
                or PostgresErrorCodes.AdminShutdown or PostgresErrorCodes.TooManyConnections,

            // A certificate that the connection string names.
            { InnerException: FileNotFoundException or DirectoryNotFoundException } => false,
            { InnerException: AggregateException hosts } => hosts.InnerExceptions.All(host => host is TimeoutException || (host is NpgsqlException one && IsOne(one))),
            { InnerException: null } => exception.Message == NoHost,
            _ => exception.IsTransient || exception.InnerException is SocketException or IOException or TimeoutException,
        };
    }
}
