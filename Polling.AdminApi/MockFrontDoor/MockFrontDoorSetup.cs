using Microsoft.AspNetCore.Mvc;
using Microsoft.Net.Http.Headers;
using Yarp.ReverseProxy.Forwarder;
using Yarp.ReverseProxy.Transforms;

namespace Polling.AdminApi.MockFrontDoor;

/// <summary>In development, <c>/mock/…</c> leads to the mock gateway's control API, <c>/control/…</c>. Elsewhere it does not exist.</summary>
internal static class MockFrontDoorSetup
{
    public static void AddMockFrontDoor(this WebApplicationBuilder builder)
    {
        if (builder.Environment.IsDevelopment())
        {
            builder.Services.AddHttpForwarder();
            builder.Services.AddSingleton<IForwarderHttpClientFactory, DiscoveringClientFactory>();
        }
    }

    public static void MapMockFrontDoor(this WebApplication app)
    {
        if (app.Environment.IsDevelopment())
        {
            app.MapForwarder("/mock/{**rest}", "http://mock-gateway", transforms => transforms
                .AddPathRemovePrefix("/mock")
                .AddPathPrefix("/control")

                // The caller's key is nobody else's business.
                .AddRequestHeaderRemove(HeaderNames.Authorization))

                // The mock gateway has limits of its own.
                .WithMetadata(new DisableRequestSizeLimitAttribute());
        }
    }
}
