using System.Text;
using Microsoft.Extensions.Hosting;

namespace Polling.ServiceDefaults;

/// <summary>What this process is called in logs and telemetry.</summary>
public static class ServiceIdentity
{
    private const string NameKey = "OTEL_SERVICE_NAME";

    /// <summary>
    /// <c>OTEL_SERVICE_NAME</c> where it is set (Aspire sets it to the resource's name), else the application's name in that
    /// form: <c>Polling.MockGateway</c> becomes <c>mock-gateway</c>.
    /// </summary>
    public static string NameOf(IHostApplicationBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        return builder.Configuration[NameKey] is { Length: > 0 } named ? named : ToResourceName(builder.Environment.ApplicationName);
    }

    internal static string ToResourceName(string applicationName)
    {
        const string prefix = "Polling.";
        var name = applicationName.StartsWith(prefix, StringComparison.Ordinal) ? applicationName[prefix.Length..] : applicationName;
        var text = new StringBuilder(name.Length + 4);
        foreach (var c in name)
        {
            if (char.IsUpper(c) && text.Length > 0 && text[^1] != '-')
            {
                text.Append('-');
            }

            text.Append(c is '.' or ' ' or '_' ? '-' : char.ToLowerInvariant(c));
        }

        return text.ToString();
    }
}
