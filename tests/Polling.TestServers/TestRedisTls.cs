using System.Globalization;
using Polling.AppHost.LocalServers;
using Polling.AppHost.Processes;

namespace Polling.TestServers;

/// <summary>A Redis of a test's own that speaks nothing but TLS, on a free port of 127.0.0.1, and knows one user.</summary>
public sealed class TestRedisTls : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private readonly string _folder;
    private readonly SupervisedProcess _process;

    private TestRedisTls(string folder, int port, SupervisedProcess process) => (_folder, Port, _process) = (folder, port, process);

    /// <summary>The port on 127.0.0.1.</summary>
    public int Port { get; }

    /// <summary>Starts it and waits until it takes connections.</summary>
    /// <param name="authority">Whose certificate it shows; it asks clients for none.</param>
    /// <param name="user">The user's rule, as it stands behind <c>user</c> in an access control list. The user <c>default</c> is off.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <exception cref="LocalServerException">Redis is not on this machine, or does not start.</exception>
    public static async Task<TestRedisTls> StartAsync(TestAuthority authority, string user, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(authority);
        ArgumentNullException.ThrowIfNull(user);
        var (folder, port) = (TestFolders.Create("redis-tls"), FreePort.Next());
        var output = Path.Combine(folder, "output.log");
        var process = SupervisedProcess.Start(LocalRedis.Spec(new LocalRedisOptions
        {
            Engine = RedisEngine.Redis,
            Port = 0,
            DataDirectory = Path.Combine(folder, "data"),
            OutputFile = output,
            MoreArguments =
            [
                "--tls-port", port.ToString(CultureInfo.InvariantCulture), "--tls-auth-clients", "no", "--tls-ca-cert-file", authority.CertificateFile,
                "--tls-cert-file", authority.ServerCertificateFile, "--tls-key-file", authority.ServerKeyFile,
                "--user", "default", "off", "--user", .. user.Split(' '),
            ],
        }));
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(Patience);
        while (!File.Exists(output) || !(await File.ReadAllTextAsync(output, patience.Token)).Contains("Ready to accept connections", StringComparison.Ordinal))
        {
            if (process.Exited.IsCompleted)
            {
                throw new LocalServerException($"Redis does not start: {await File.ReadAllTextAsync(output, patience.Token)}");
            }

            await Task.Delay(10, patience.Token);
        }

        return new TestRedisTls(folder, port, process);
    }

    /// <summary>Kills it and removes its data.</summary>
    public async ValueTask DisposeAsync()
    {
        await _process.KillAsync();
        TestFolders.Remove(_folder);
    }
}
