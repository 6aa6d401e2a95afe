using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Server.Kestrel.Https;

namespace Polling.Executor.Tests.Gateway;

/// <summary>TLS of a web server that takes its time: a connection that is accepted is not there yet.</summary>
internal static class SlowHandshake
{
    private static readonly X509Certificate2 Certificate = Create();

    public static TlsHandshakeCallbackOptions Of(Func<TimeSpan> duration) => new()
    {
        OnConnection = async context =>
        {
            await Task.Delay(duration(), context.CancellationToken);
            return new SslServerAuthenticationOptions { ServerCertificate = Certificate };
        },
    };

    public static bool IsOurs(X509Certificate? certificate) => certificate?.GetCertHashString() == Certificate.GetCertHashString();

    private static X509Certificate2 Create()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var now = TimeProvider.System.GetUtcNow();
        return new CertificateRequest("CN=127.0.0.1", key, HashAlgorithmName.SHA256).CreateSelfSigned(now.AddDays(-1), now.AddDays(1));
    }
}
