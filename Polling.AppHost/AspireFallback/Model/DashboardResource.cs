using Polling.AppHost.Dashboard;
using Polling.AppHost.LocalServers;
using Polling.AppHost.Processes;

namespace Polling.AppHost.AspireFallback;

/// <summary>The Aspire dashboard, on this machine only and therefore open.</summary>
internal sealed class DashboardResource(int port, int otlpPort, int otlpHttpPort) : RunnableResource("dashboard")
{
    private static readonly HttpClient Http = new(new SocketsHttpHandler { AllowAutoRedirect = false }) { Timeout = TimeSpan.FromSeconds(2) };

    public string OtlpEndpoint => $"http://localhost:{otlpPort}";

    internal override int StopOrder => 2;

    internal override bool IsEssential => false;

    internal override string Whereabouts => $"http://localhost:{port}";

    internal override async Task<SupervisedProcess> StartAsync(int replica, string outputFile, CancellationToken cancellationToken)
    {
        var program = await DashboardPackage.FetchAsync(cancellationToken);
        return SupervisedProcess.Start(new ProcessSpec
        {
            Name = Name,
            FileName = program,
            Arguments =
            [
                "dashboard", "run", "--non-interactive", "--nologo", "--allow-anonymous", "--frontend-url", Whereabouts,
                "--otlp-grpc-url", OtlpEndpoint, "--otlp-http-url", $"http://localhost:{otlpHttpPort}",
            ],
            // It unpacks itself below its home, and must not mistake our addresses and variables for its own.
            Environment = new Dictionary<string, string?>
            {
                ["HOME"] = Directory.CreateDirectory(Path.Combine(PackageCache.Folder, "aspire-home")).FullName,
                ["ASPIRE_CLI_TELEMETRY_OPTOUT"] = "true",
                ["ASPIRE_DASHBOARD_TELEMETRY_OPTOUT"] = "true",
                ["NO_COLOR"] = "1",
                ["ASPNETCORE_URLS"] = null,
                ["ASPIRE_DASHBOARD_OTLP_ENDPOINT_URL"] = null,
                ["ASPIRE_RESOURCE_SERVICE_ENDPOINT_URL"] = null,
                ["ASPNETCORE_ENVIRONMENT"] = null,
                ["DOTNET_ENVIRONMENT"] = null,
            },
            OutputFile = outputFile,
            StopTimeout = TimeSpan.FromSeconds(1.5),
        });
    }

    internal override async Task<bool> IsHealthyAsync(int replica, CancellationToken cancellationToken)
    {
        try
        {
            using var answer = await Http.GetAsync(new Uri(Whereabouts), cancellationToken);
            return (int)answer.StatusCode < 500;
        }
        catch (Exception error) when (error is HttpRequestException || (error is TaskCanceledException && !cancellationToken.IsCancellationRequested))
        {
            return false;
        }
    }
}
