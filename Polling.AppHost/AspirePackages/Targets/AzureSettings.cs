using Aspire.Hosting.Azure;
using Azure.Provisioning.AppContainers;
using Azure.Provisioning.PostgreSql;
using Azure.Provisioning.RedisEnterprise;
using Polling.AppHost.Startup;

namespace Polling.AppHost.AspirePackages.Targets;

/// <summary>How services run on Azure Container Apps, and what Azure's Redis and PostgreSQL are to be. Sizes are for ten million cards.</summary>
internal static class AzureSettings
{
    private const string Logs = "logs";

    /// <summary>A service: as many as it was published with, at all times, with time to end.</summary>
    public static void Service(ContainerApp app)
    {
        // Polling goes on when nobody asks: what runs does not depend on requests.
        app.Template.Scale.MaxReplicas = app.Template.Scale.MinReplicas;
        app.Template.TerminationGracePeriodSeconds = (long)Grace.Service.TotalSeconds;
        app.Template.Volumes.Add(new ContainerAppVolume { Name = Logs, StorageType = ContainerAppStorageType.EmptyDir });
        foreach (var container in app.Template.Containers)
        {
            container.Value!.VolumeMounts.Add(new ContainerAppVolumeMount { VolumeName = Logs, MountPath = ComposeSettings.LogDirectory });
        }
    }

    /// <summary>Redis: nothing is evicted, and every second's writes are on disk.</summary>
    public static void Redis(AzureResourceInfrastructure infrastructure)
    {
        var resources = infrastructure.GetProvisionableResources().ToArray();
        foreach (var cluster in resources.OfType<RedisEnterpriseCluster>())
        {
            cluster.Sku = new RedisEnterpriseSku { Name = RedisEnterpriseSkuName.BalancedB5 };
        }

        foreach (var database in resources.OfType<RedisEnterpriseDatabase>())
        {
            // Clients reach each shard by itself: the layout "Cluster" of the keys.
            database.ClusteringPolicy = RedisEnterpriseClusteringPolicy.OssCluster;
            database.EvictionPolicy = RedisEnterpriseEvictionPolicy.NoEviction;
            database.Persistence = new RedisPersistenceSettings { IsAofEnabled = true, AofFrequency = PersistenceSettingAofFrequency.OneSecond };
        }
    }

    /// <summary>PostgreSQL.</summary>
    public static void Postgres(AzureResourceInfrastructure infrastructure)
    {
        foreach (var server in infrastructure.GetProvisionableResources().OfType<PostgreSqlFlexibleServer>())
        {
            server.Sku = new PostgreSqlFlexibleServerSku { Name = "Standard_D4ds_v5", Tier = PostgreSqlFlexibleServerSkuTier.GeneralPurpose };
            server.StorageSizeInGB = 128;
        }
    }
}
