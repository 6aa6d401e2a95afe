using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Threading.RateLimiting;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.RateLimiting;
using Microsoft.Extensions.Options;
using Polling.Core.AuditLog;

namespace Polling.AdminApi.Access;

/// <summary>One caller's haste is not another's wait: each key, and each address without one, has a bucket of its own.</summary>
internal sealed class CallerLimits(IOptions<AccessOptions> access) : IConfigureOptions<RateLimiterOptions>
{
    private const int SecondsPerRefill = 1;

    public void Configure(RateLimiterOptions options)
    {
        options.RejectionStatusCode = StatusCodes.Status429TooManyRequests;
        options.GlobalLimiter = PartitionedRateLimiter.Create<HttpContext, string>(PartitionOf);
        options.OnRejected = RefuseAsync;
    }

    // Development on loopback has no limit: whoever is there could take the machine's time without asking the API, and load tests do.
    private RateLimitPartition<string> PartitionOf(HttpContext context) => context.User.Identity is { IsAuthenticated: true, Name: { } caller }
        ? caller == AuditCallers.Development ? RateLimitPartition.GetNoLimiter(caller)
        : Bucket($"key {caller}", access.Value.RequestsPerSecond, access.Value.RequestsAtOnce)
        : Bucket($"address {NetworkOf(context.Connection.RemoteIpAddress)}", access.Value.AnonymousPerSecond, access.Value.AnonymousPerSecond);

    private static RateLimitPartition<string> Bucket(string name, int perSecond, int atOnce) => RateLimitPartition.GetTokenBucketLimiter(
        name,
        _ => new TokenBucketRateLimiterOptions
        {
            TokenLimit = Math.Max(perSecond, atOnce),
            TokensPerPeriod = perSecond,
            ReplenishmentPeriod = TimeSpan.FromSeconds(SecondsPerRefill),
            AutoReplenishment = true,
            QueueLimit = 0,
        });

    // Who has one address of IPv6 has 2^64.
    private static string NetworkOf(IPAddress? address) => address switch
    {
        { AddressFamily: AddressFamily.InterNetworkV6, IsIPv4MappedToIPv6: false } => Convert.ToHexString(address.GetAddressBytes(), 0, 8),
        { IsIPv4MappedToIPv6: true } => address.MapToIPv4().ToString(),
        _ => address?.ToString() ?? "",
    };

    private static async ValueTask RefuseAsync(OnRejectedContext rejected, CancellationToken cancellationToken)
    {
        var context = rejected.HttpContext;
        var seconds = rejected.Lease.TryGetMetadata(MetadataName.RetryAfter, out var wait) ? Math.Max(1, (int)Math.Ceiling(wait.TotalSeconds)) : SecondsPerRefill;
        context.Response.Headers.RetryAfter = seconds.ToString(CultureInfo.InvariantCulture);
        await context.RequestServices.GetRequiredService<IProblemDetailsService>().TryWriteAsync(new ProblemDetailsContext
        {
            HttpContext = context,
            ProblemDetails = new ProblemDetails
            {
                Status = StatusCodes.Status429TooManyRequests,
                Title = "Too many requests",
                Detail = $"This caller asks faster than it may; try again in {seconds} s ({AccessOptions.Section}).",
            },
        });
    }
}
