namespace Polling.AppHost.AspireFallback.Compose;

/// <summary>A resource that becomes a service of a Compose file.</summary>
internal interface IPublishable : IResource
{
    /// <summary>What else is to be done with the service, in order.</summary>
    List<Action<Service>> Customizations { get; }

    /// <summary>The service as the composition tells it.</summary>
    ValueTask<Service> DescribeAsync(PublishedValues values);
}
