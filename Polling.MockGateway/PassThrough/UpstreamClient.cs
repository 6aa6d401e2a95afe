using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http.Features;
using Polling.MockGateway.Calls;
using Yarp.ReverseProxy.Forwarder;

namespace Polling.MockGateway.PassThrough;

/// <summary>Sends a request on to an upstream and holds the answer. Nothing is repeated, no redirect followed, no cookie kept.</summary>
internal sealed partial class UpstreamClient(IHttpForwarder forwarder, IServer server, TimeProvider time, ILogger<UpstreamClient> logger) : IDisposable
{
    /// <summary>Would write a stack trace for each call that fails; the first and the last of them say enough.</summary>
    public const string NoisyCategory = "Yarp.ReverseProxy.Forwarder";

    private static readonly TimeSpan ConnectionLife = TimeSpan.FromMinutes(2);

    private readonly HttpMessageInvoker _client = new(new SentOnce(new SocketsHttpHandler
    {
        AllowAutoRedirect = false,
        AutomaticDecompression = DecompressionMethods.None,
        UseCookies = false,
        UseProxy = false,
        PooledConnectionLifetime = ConnectionLife, // So that a changed DNS entry is seen.
        ActivityHeadersPropagator = null, // The caller's traceparent goes on as it came.
    }));

    // Upstreams whose last answer was none.
    private readonly ConcurrentDictionary<string, bool> _failing = new(StringComparer.Ordinal);

    public void Dispose() => _client.Dispose();

    /// <summary>The upstream's answer; or what a gateway says when there is none.</summary>
    /// <param name="context">The request; its body is read from the beginning.</param>
    /// <param name="target">Where it goes.</param>
    /// <param name="timeout">For the whole answer.</param>
    /// <exception cref="OperationCanceledException">The caller left.</exception>
    public async Task<Reply> SendAsync(HttpContext context, UpstreamTarget target, TimeSpan timeout)
    {
        if (IsSelf(target.Upstream))
        {
            return UpstreamReplies.Failure(StatusCodes.Status508LoopDetected, "loop", $"the upstream {target.Upstream} is this gateway itself");
        }

        using var patience = new CancellationTokenSource(timeout, time);
        using var until = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, context.RequestAborted);
        using var answer = new BoundedBody(UpstreamCalls.BodyMax);
        var sheet = SheetFor(context, answer, until.Token);
        var error = await forwarder.SendAsync(
            sheet, target.Upstream, _client, new ForwarderRequestConfig { ActivityTimeout = timeout }, new ToUpstream(target.Path), until.Token);
        context.RequestAborted.ThrowIfCancellationRequested();
        if (error == ForwarderError.None)
        {
            if (!_failing.IsEmpty && _failing.TryRemove(target.Upstream, out _))
            {
                LogAnswering(logger, target.Upstream);
            }

            return new("", answer.ToArray(), [])
            {
                HttpStatus = sheet.Response.StatusCode,
                ContentType = sheet.Response.ContentType ?? "",
                Headers = sheet.Response.Headers,
            };
        }

        var isLate = patience.IsCancellationRequested || error == ForwarderError.RequestTimedOut;
        var reason = isLate ? string.Create(CultureInfo.InvariantCulture, $"did not answer within {timeout.TotalSeconds} s (pass_through.timeout_seconds)")
            : answer.IsOver ? $"gave an answer that is {UpstreamReplies.TooLong}"
            : $"gave no answer: {Reason(sheet, error)}";
        if (_failing.TryAdd(target.Upstream, true))
        {
            LogFailing(logger, target.Upstream, reason);
        }

        return isLate
            ? UpstreamReplies.Failure(StatusCodes.Status504GatewayTimeout, "upstream_timeout", $"the upstream {target.Upstream} {reason}")
            : UpstreamReplies.Failure(StatusCodes.Status502BadGateway, "upstream_failed", $"the upstream {target.Upstream} {reason}");
    }

    private bool IsSelf(string upstream) =>
        new Uri(upstream) is { IsLoopback: true } url
        && server.Features.Get<IServerAddressesFeature>() is { } own && own.Addresses.Any(address => BindingAddress.Parse(address).Port == url.Port);

    /// <summary>The same request, with a sheet of its own for the answer, so that a failure does not end the caller's connection.</summary>
    private static DefaultHttpContext SheetFor(HttpContext context, Stream answer, CancellationToken until)
    {
        var features = new FeatureCollection(context.Features);
        features.Set<IHttpResponseFeature>(new HttpResponseFeature());
        features.Set<IHttpResponseBodyFeature>(new StreamResponseBodyFeature(answer));
        features.Set<IHttpRequestLifetimeFeature>(new HttpRequestLifetimeFeature { RequestAborted = until });
        return new(features);
    }

    private static string Reason(DefaultHttpContext sheet, ForwarderError error)
    {
        var cause = sheet.Features.Get<IForwarderErrorFeature>()?.Exception;
        return cause is null ? error.ToString() : cause.GetBaseException().Message;
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "The upstream {Upstream} {Reason}")]
    private static partial void LogFailing(ILogger logger, string upstream, string reason);

    [LoggerMessage(Level = LogLevel.Information, Message = "The upstream {Upstream} answers again")]
    private static partial void LogAnswering(ILogger logger, string upstream);

    /// <summary>Everything as it came, but for the address.</summary>
    private sealed class ToUpstream(PathString path) : HttpTransformer
    {
        public override async ValueTask TransformRequestAsync(
            HttpContext httpContext, HttpRequestMessage proxyRequest, string destinationPrefix, CancellationToken cancellationToken)
        {
            await base.TransformRequestAsync(httpContext, proxyRequest, destinationPrefix, cancellationToken);
            proxyRequest.RequestUri = RequestUtilities.MakeDestinationAddress(destinationPrefix, path, httpContext.Request.QueryString);
            proxyRequest.Headers.Host = null; // The upstream's own name.
        }
    }

    /// <summary>
    /// Gives every request a content, were it of no bytes: once the client has asked for it, it does not send the request again over another connection. A stop must
    /// not be sent twice.
    /// </summary>
    private sealed class SentOnce(HttpMessageHandler inner) : DelegatingHandler(inner)
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            request.Content ??= new ByteArrayContent([]);
            return base.SendAsync(request, cancellationToken);
        }
    }
}
