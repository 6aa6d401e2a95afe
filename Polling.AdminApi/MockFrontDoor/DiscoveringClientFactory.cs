using Microsoft.Extensions.ServiceDiscovery.Http;
using Yarp.ReverseProxy.Forwarder;

namespace Polling.AdminApi.MockFrontDoor;

/// <summary>Lets the reverse proxy's clients find a destination by service name, as every other client of the system does.</summary>
internal sealed class DiscoveringClientFactory(IServiceDiscoveryHttpMessageHandlerFactory discovery) : ForwarderHttpClientFactory
{
    protected override HttpMessageHandler WrapHandler(ForwarderHttpClientContext context, HttpMessageHandler handler) =>
        discovery.CreateHandler(base.WrapHandler(context, handler));
}
