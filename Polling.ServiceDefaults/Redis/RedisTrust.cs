using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.Extensions.Configuration;
using StackExchange.Redis;

namespace Polling.ServiceDefaults;

/// <summary>
/// Whose certificate Redis may show: with <see cref="Setting"/> one of those authorities' and no other's, without it one that this machine trusts. Always
/// for the host that was asked for. It remembers why it said no, which the client does not tell.
/// </summary>
internal sealed class RedisTrust
{
    /// <summary>The setting: the path of a PEM file with the certificates of one or more authorities.</summary>
    public const string Setting = "Polling:Redis:CertificateAuthority";

    private static readonly Oid ServerAuthentication = new("1.3.6.1.5.5.7.3.1");
    private readonly X509Certificate2Collection? _authorities;

    /// <exception cref="StartupException">The setting names no such file.</exception>
    public RedisTrust(IConfiguration configuration) => _authorities = Read(configuration[Setting]);

    /// <summary>Why the last certificate was not accepted; null if none was refused.</summary>
    public string? Refusal { get; private set; }

    /// <summary>Has the client ask here, if it uses TLS at all.</summary>
    /// <exception cref="StartupException">There are authorities, but no TLS.</exception>
    public void Apply(ConfigurationOptions options)
    {
        if (options.Ssl)
        {
            options.CertificateValidation += (sender, certificate, chain, errors) =>
                (Refusal = Problem(errors, certificate as X509Certificate2, chain, (sender as SslStream)?.TargetHostName ?? "")) is null;
        }
        else if (_authorities is not null)
        {
            throw new StartupException($"{Setting} is set, but ConnectionStrings:redis has no ssl=true: add it, or leave the setting out");
        }
    }

    private string? Problem(SslPolicyErrors errors, X509Certificate2? certificate, X509Chain? sent, string host)
    {
        if (certificate is null)
        {
            return "it shows none";
        }

        if (errors.HasFlag(SslPolicyErrors.RemoteCertificateNameMismatch))
        {
            return $"it is for {NamesOf(certificate)}, not for {host}; name that host in ConnectionStrings:redis, or set sslHost";
        }

        if (_authorities is null)
        {
            return errors == SslPolicyErrors.None ? null : Untrusted(certificate, sent, $"set {Setting} to the PEM file of its authority");
        }

        // What this machine trusts besides does not count.
        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.AddRange(_authorities);
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        chain.ChainPolicy.ApplicationPolicy.Add(ServerAuthentication);
        if (sent is not null)
        {
            chain.ChainPolicy.ExtraStore.AddRange(sent.ChainPolicy.ExtraStore);
        }

        return chain.Build(certificate) ? null : Untrusted(certificate, chain, $"{Setting} must have the certificate of its authority");
    }

    private static string Untrusted(X509Certificate2 certificate, X509Chain? chain, string remedy)
    {
        var status = chain?.ChainStatus.Aggregate(X509ChainStatusFlags.NoError, (all, one) => all | one.Status) ?? X509ChainStatusFlags.NoError;
        return status.HasFlag(X509ChainStatusFlags.NotTimeValid)
            ? FormattableString.Invariant($"it is valid from {certificate.NotBefore:u} to {certificate.NotAfter:u}; renew it, or set the clock")
            : $"it is of {certificate.Issuer}, which is not trusted ({status}); {remedy}";
    }

    private static string NamesOf(X509Certificate2 certificate)
    {
        var names = certificate.Extensions.OfType<X509SubjectAlternativeNameExtension>()
            .SelectMany(extension => extension.EnumerateDnsNames().Concat(extension.EnumerateIPAddresses().Select(address => address.ToString()))).ToArray();
        return names.Length > 0 ? string.Join(", ", names) : certificate.Subject;
    }

    private static X509Certificate2Collection? Read(string? path)
    {
        if (string.IsNullOrWhiteSpace(path))
        {
            return null;
        }

        var certificates = new X509Certificate2Collection();
        try
        {
            certificates.ImportFromPemFile(path);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or CryptographicException)
        {
            throw new StartupException($"{Setting} is \"{path}\"; it must be a PEM file with certificates: {exception.Message}", exception);
        }

        return certificates.Count > 0
            ? certificates
            : throw new StartupException($"{Setting} is \"{path}\"; it must be a PEM file with certificates, and has none (-----BEGIN CERTIFICATE-----)");
    }
}
