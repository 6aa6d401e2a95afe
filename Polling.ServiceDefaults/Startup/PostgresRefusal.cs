using System.Security.Authentication;
using Npgsql;

namespace Polling.ServiceDefaults;

/// <summary>Says in one line why PostgreSQL does not take a service, and what to change.</summary>
public static class PostgresRefusal
{
    private const string Setting = "ConnectionStrings__polling";

    /// <summary>The line for an exception that the driver threw while connecting.</summary>
    public static string Explain(NpgsqlException exception)
    {
        ArgumentNullException.ThrowIfNull(exception);
        return exception switch
        {
            PostgresException { SqlState: PostgresErrorCodes.InvalidAuthorizationSpecification } server
                when server.MessageText.Contains("no encryption", StringComparison.Ordinal) =>
                $"PostgreSQL refuses a connection without TLS ({server.MessageText}): add SSL Mode=VerifyFull, and Root Certificate=… for an authority of your own, to {Setting}",
            PostgresException server => $"PostgreSQL refuses: {server.SqlState} {server.MessageText} ({Setting})",
            { InnerException: AggregateException { InnerExceptions: var hosts } } when hosts.OfType<NpgsqlException>().FirstOrDefault() is { } host => Explain(host),
            { InnerException: AuthenticationException certificate } =>
                $"the certificate of PostgreSQL is not accepted ({certificate.Message.TrimEnd('.')}): Host must be a name in it, "
                + $"and Root Certificate=… the PEM file of its authority ({Setting})",
            { InnerException: FileNotFoundException or DirectoryNotFoundException } => $"Root Certificate or SSL Certificate: {exception.InnerException.Message} ({Setting})",
            { InnerException: { } inner } => $"PostgreSQL cannot be reached: {exception.Message} ({inner.Message.TrimEnd('.')}); start it, or set {Setting}",
            _ => $"PostgreSQL cannot be used: {exception.Message.TrimEnd('.')} ({Setting})",
        };
    }
}
