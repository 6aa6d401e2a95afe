using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Polling.AppHost.Processes;

namespace Polling.TestServers;

/// <summary>A certificate authority of a test's own, with a certificate of its making for servers on this machine: PEM files in a folder.</summary>
public sealed class TestAuthority : IDisposable
{
    private const string ServerAuthentication = "1.3.6.1.5.5.7.3.1";
    private readonly string _folder = TestFolders.Create("authority");

    /// <param name="host">The one name of the servers.</param>
    public TestAuthority(string host)
    {
        var (from, to) = (DateTimeOffset.UtcNow.AddHours(-1), DateTimeOffset.UtcNow.AddDays(1));
        using var authorityKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var authority = new CertificateRequest($"CN=Test authority {Guid.NewGuid():N}", authorityKey, HashAlgorithmName.SHA256);
        authority.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        authority.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign, true));
        using var authorityCertificate = authority.CreateSelfSigned(from, to);

        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var server = new CertificateRequest($"CN={host}", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        if (IPAddress.TryParse(host, out var address))
        {
            names.AddIpAddress(address);
        }
        else
        {
            names.AddDnsName(host);
        }

        server.CertificateExtensions.Add(names.Build());
        server.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid(ServerAuthentication)], true));
        using var serverCertificate = server.Create(authorityCertificate, from, to, Guid.NewGuid().ToByteArray());

        File.WriteAllText(CertificateFile, authorityCertificate.ExportCertificatePem());
        File.WriteAllText(ServerCertificateFile, serverCertificate.ExportCertificatePem());
        File.WriteAllText(ServerKeyFile, key.ExportPkcs8PrivateKeyPem());
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(ServerKeyFile, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        }
    }

    /// <summary>The authority's own certificate: what a client trusts.</summary>
    public string CertificateFile => Path.Combine(_folder, "authority.pem");

    /// <summary>The servers' certificate.</summary>
    public string ServerCertificateFile => Path.Combine(_folder, "server.pem");

    /// <summary>Its private key, for this user only.</summary>
    public string ServerKeyFile => Path.Combine(_folder, "server.key");

    /// <summary>Copies the servers' certificate and key, as <c>server.crt</c> and <c>server.key</c>, to the user that PostgreSQL runs as.</summary>
    internal void CopyTo(string folder)
    {
        foreach (var (source, name) in new[] { (ServerCertificateFile, "server.crt"), (ServerKeyFile, "server.key") })
        {
            var copy = Path.Combine(folder, name);
            File.Copy(source, copy);
            ProcessUser.Unprivileged?.TakeOver(copy);
        }
    }

    /// <summary>Removes the files.</summary>
    public void Dispose() => TestFolders.Remove(_folder);
}
