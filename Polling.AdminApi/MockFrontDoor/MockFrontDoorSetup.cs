using Yarp.ReverseProxy.Configuration;

namespace Polling.AdminApi.MockFrontDoor;

/// <summary>In development, <c>/mock/…</c> leads to the mock gateway's control API, <c>/control/…</c>. Elsewhere it does not exist.</summary>
internal static class MockFrontDoorSetup
{
    private const string Name = "mock-gateway";

    public static void AddMockFrontDoor(this WebApplicationBuilder builder)
    {
        if (builder.Environment.IsDevelopment())
        {
            builder.Services.AddReverseProxy().LoadFromMemory([Route], [Gateway]).AddServiceDiscoveryDestinationResolver();
        }
    }

    public static void MapMockFrontDoor(this WebApplication app)
    {
        if (app.Environment.IsDevelopment())
        {
            app.MapReverseProxy();
        }
    }

    private static RouteConfig Route => new()
    {
        RouteId = Name,
        ClusterId = Name,
        Match = new RouteMatch { Path = "/mock/{**rest}" },
        Transforms = [new Dictionary<string, string> { ["PathPattern"] = "/control/{**rest}" }],
    };

    private static ClusterConfig Gateway => new()
    {
        ClusterId = Name,
        Destinations = new Dictionary<string, DestinationConfig> { [Name] = new() { Address = "http://mock-gateway" } },
    };
}
