using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Polling.AdminApi.Http;

/// <summary>What one request may cost before anything looks at it; docs/api.md. An endpoint that takes more says so (a batch, an import).</summary>
internal static class RequestLimits
{
    /// <summary>Bytes of the first line: path and query.</summary>
    public const int LineBytesMax = 8 * 1024;

    /// <summary>Bytes of all headers.</summary>
    public const int HeaderBytesMax = 16 * 1024;

    private const int HeadersMax = 64;
    private const int ConnectionsMax = 5000;
    private const double BodyBytesPerSecondMin = 240;
    private static readonly TimeSpan BodyGrace = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan HeadersTimeout = TimeSpan.FromSeconds(10);

    public static void AddRequestLimits(this WebApplicationBuilder builder) => builder.WebHost.ConfigureKestrel(kestrel =>
    {
        kestrel.AddServerHeader = false;
        kestrel.Limits.MaxRequestLineSize = LineBytesMax;
        kestrel.Limits.MaxRequestHeadersTotalSize = HeaderBytesMax;
        kestrel.Limits.MaxRequestHeaderCount = HeadersMax;
        kestrel.Limits.RequestHeadersTimeout = HeadersTimeout;
        kestrel.Limits.MaxRequestBodySize = JsonBody.BytesMax;
        kestrel.Limits.MaxConcurrentConnections = ConnectionsMax;

        // A body that comes slower is refused with 408: an import of an hour is right, a drip is not.
        kestrel.Limits.MinRequestBodyDataRate = new MinDataRate(BodyBytesPerSecondMin, BodyGrace);
    });
}
