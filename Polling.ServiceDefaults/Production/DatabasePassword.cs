using Microsoft.Extensions.Configuration;
using Npgsql;

namespace Polling.ServiceDefaults.Production;

/// <summary>The database has a password that not everybody knows, wherever it is: other programs of its machine could use it, too.</summary>
internal static class DatabasePassword
{
    private static readonly string[] Defaults = ["polling", "postgres"];

    public static string? Problem(IConfiguration configuration)
    {
        var (key, value) = NamedConnection.Find(
            configuration, "polling", "Aspire:Npgsql", "Aspire:Npgsql:EntityFrameworkCore:PostgreSQL");
        if (Parse(value) is not { } connection)
        {
            return null;
        }

        var password = connection.Password is { Length: > 0 } own ? own : configuration["PGPASSWORD"];
        if (string.IsNullOrEmpty(password))
        {
            return HasOtherProof(connection, configuration)
                ? null
                : $"{key} needs a password: add Password=…, or Passfile=…, or a client certificate (SSL Certificate=…)";
        }

        return Defaults.Contains(password, StringComparer.OrdinalIgnoreCase)
            ? $"{key} must not have the password \"{password}\", which everybody knows: give the user {connection.Username} another (ALTER ROLE … PASSWORD …) and name that"
            : null;
    }

    // A file of passwords, a certificate, or a socket, whose other end PostgreSQL knows by itself.
    private static bool HasOtherProof(NpgsqlConnectionStringBuilder connection, IConfiguration configuration) =>
        !string.IsNullOrEmpty(connection.Passfile) || !string.IsNullOrEmpty(configuration["PGPASSFILE"])
        || !string.IsNullOrEmpty(connection.SslCertificate) || !string.IsNullOrEmpty(configuration["PGSSLCERT"])
        || connection.Host is ['/' or '@', ..];

    // One that is missing or wrong is another's to report.
    private static NpgsqlConnectionStringBuilder? Parse(string? value)
    {
        try
        {
            return string.IsNullOrWhiteSpace(value) ? null : new NpgsqlConnectionStringBuilder(value);
        }
        catch (Exception exception) when (exception is ArgumentException or FormatException)
        {
            return null;
        }
    }
}
