using Aspire.Hosting.Kubernetes;
using Polling.AppHost.Startup;

namespace Polling.AppHost.AspirePackages.Targets;

/// <summary>
/// How pods of the chart run: as a user without rights, on a read-only root file system, with time to end; the "restricted" profile of Kubernetes'
/// pod security standards (https://kubernetes.io/docs/concepts/security/pod-security-standards/).
/// </summary>
internal static class KubernetesSettings
{
    // "app" of .NET's container images.
    private const long ServiceUser = 1654;

    // "redis" and "postgres" of their images.
    private const long ServerUser = 999;
    private const string Temporary = "/tmp";

    /// <summary>The admin API, schedulers and executors.</summary>
    public static void Service(KubernetesResource service) => Restrict(service, ServiceUser, Grace.Service, Temporary, ComposeSettings.LogDirectory);

    /// <summary>Redis.</summary>
    public static void Redis(KubernetesResource service) => Restrict(service, ServerUser, Grace.Server, Temporary);

    /// <summary>PostgreSQL, with its socket.</summary>
    public static void Postgres(KubernetesResource service) => Restrict(service, ServerUser, Grace.Server, Temporary, "/run/postgresql");

    private static void Restrict(KubernetesResource service, long user, TimeSpan grace, params string[] writable)
    {
        if (service.Workload?.PodTemplate.Spec is not { } pod)
        {
            return;
        }

        pod.TerminationGracePeriodSeconds = (long)grace.TotalSeconds;
        pod.AutomountServiceAccountToken = false;
        pod.SecurityContext = new()
        {
            RunAsNonRoot = true,
            RunAsUser = user,
            RunAsGroup = user,
            FsGroup = user,
            SeccompProfile = new() { Type = "RuntimeDefault" },
        };
        foreach (var container in pod.Containers)
        {
            // The publisher writes "http", and Kubernetes refuses what is not HTTP or HTTPS.
            foreach (var request in new[] { container.StartupProbe, container.ReadinessProbe, container.LivenessProbe }.Select(probe => probe?.HttpGet))
            {
                request?.Scheme = request.Scheme.ToUpperInvariant();
            }

            container.SecurityContext = new() { AllowPrivilegeEscalation = false, ReadOnlyRootFilesystem = true, Capabilities = new() { Drop = { "ALL" } } };
            foreach (var path in writable)
            {
                var name = path.Trim('/').Replace('/', '-');
                pod.Volumes.Add(new() { Name = name, EmptyDir = new() });
                container.VolumeMounts.Add(new() { Name = name, MountPath = path });
            }
        }
    }
}
