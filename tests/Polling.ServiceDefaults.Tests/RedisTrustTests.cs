using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.Extensions.Configuration;
using StackExchange.Redis;

namespace Polling.ServiceDefaults.Tests;

/// <summary>The authority of Redis' certificate; what it lets in and what not is shown with real servers, Polling.Faults.Tests/Encryption.</summary>
public sealed class RedisTrustTests
{
    [Theory]
    [InlineData("redis:6380,ssl=true", null)]
    [InlineData("redis:6379", "Polling:Redis:CertificateAuthority is set, but ConnectionStrings:redis has no ssl=true")]
    public void An_authority_without_TLS_is_a_mistake(string connection, string? problem)
    {
        using var folder = new TemporaryFolder();
        var file = Path.Combine(folder.Path, "authority.pem");
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var authority = new CertificateRequest("CN=x", key, HashAlgorithmName.SHA256).CreateSelfSigned(DateTimeOffset.UtcNow, DateTimeOffset.UtcNow.AddDays(1));
        File.WriteAllText(file, authority.ExportCertificatePem());
        var configuration = new ConfigurationBuilder().AddInMemoryCollection([new(RedisTrust.Setting, file)]).Build();

        var refusal = Record.Exception(() => PollingRedisOptions.Of(configuration)(ConfigurationOptions.Parse(connection)));

        Assert.Equal(problem is null, refusal is null);
        Assert.Contains(problem ?? "", (refusal as StartupException)?.Message ?? "", StringComparison.Ordinal);
    }
}
