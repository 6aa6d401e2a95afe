namespace Polling.AppHost.Options;

/// <summary>What the composition is published for.</summary>
public enum DeploymentTarget
{
    /// <summary>One host with Docker Compose.</summary>
    Compose,

    /// <summary>A Kubernetes cluster, by a Helm chart.</summary>
    Kubernetes,

    /// <summary>Azure Container Apps, with Azure's Redis and PostgreSQL.</summary>
    Azure,
}
