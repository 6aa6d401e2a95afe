using System.Net;
using System.Net.Http.Headers;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Text;
using System.Text.Json;

namespace Polling.Core.Alerts.Webhooks;

/// <summary>How an attempt ended.</summary>
/// <param name="Status">HTTP status, or null when there was no answer.</param>
/// <param name="Failure">Why it is not delivered; null = it is. Holds no secret.</param>
/// <param name="RetryAfter">When the receiver wants to be asked again.</param>
public sealed record WebhookResult(int? Status, string? Failure, TimeSpan? RetryAfter = null)
{
    public bool IsDelivered => Failure is null;
}

/// <summary>Posts webhooks: only to checked addresses, without proxy, cookies or redirects, and reading no more than it must.</summary>
public sealed class WebhookSender : IDisposable
{
    /// <summary>For the whole attempt.</summary>
    public static readonly TimeSpan Timeout = TimeSpan.FromSeconds(10);

    private const int AnswerBytesMax = 16 * 1024;
    private const int FailureLengthMax = 300;

    private readonly HttpClient _client;

    /// <summary>A sender whose connections are made by <paramref name="connector"/>.</summary>
    public WebhookSender(WebhookConnector connector)
    {
        ArgumentNullException.ThrowIfNull(connector);
        _client = new HttpClient(new SocketsHttpHandler
        {
            ConnectCallback = connector.ConnectAsync,
            UseProxy = false,
            UseCookies = false,
            AllowAutoRedirect = false,
            AutomaticDecompression = DecompressionMethods.None,
            ActivityHeadersPropagator = null,
            MaxResponseHeadersLength = AnswerBytesMax / 1024,
            MaxResponseDrainSize = 0,
            PooledConnectionLifetime = TimeSpan.FromMinutes(1),
            SslOptions = new SslClientAuthenticationOptions { EnabledSslProtocols = SslProtocols.None },
        })
        {
            Timeout = System.Threading.Timeout.InfiniteTimeSpan,
        };
        _client.DefaultRequestHeaders.UserAgent.Add(new ProductInfoHeaderValue("polling-alerts", "1.0"));
    }

    /// <inheritdoc/>
    public void Dispose() => _client.Dispose();

    /// <summary>Makes one attempt; whatever goes wrong is in the result.</summary>
    public async Task<WebhookResult> SendAsync(AlertDelivery delivery, DateTimeOffset now, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(delivery);

        // A restored rule may have had any URL.
        if (WebhookUrl.Problem(delivery.Url) is { } wrong)
        {
            return new WebhookResult(null, $"the URL must be {wrong}");
        }

        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        patience.CancelAfter(Timeout);
        try
        {
            using var request = RequestOf(WebhookMessage.Of(delivery, now));
            using var response = await _client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, patience.Token);
            return await JudgeAsync(delivery.Format, response, patience.Token);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            return new WebhookResult(null, $"no answer within {Timeout.TotalSeconds:0} s");
        }
        catch (Exception e) when (e is HttpRequestException or IOException or JsonException)
        {
            return new WebhookResult(null, Clipped(Reason(e)));
        }
    }

    private static HttpRequestMessage RequestOf(WebhookMessage message)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, message.Url)
        {
            Content = new StringContent(message.Body, Encoding.UTF8, "application/json"),
        };
        foreach (var (name, value) in message.Headers)
        {
            request.Headers.Add(name, value);
        }

        return request;
    }

    private static async Task<WebhookResult> JudgeAsync(string format, HttpResponseMessage response, CancellationToken cancellation)
    {
        var status = (int)response.StatusCode;
        if (status is >= 300 and < 400)
        {
            return new WebhookResult(status, $"HTTP {status}: redirects are not followed; enter the URL that it leads to");
        }

        if (!response.IsSuccessStatusCode)
        {
            return new WebhookResult(status, $"HTTP {status}", response.Headers.RetryAfter?.Delta);
        }

        return format == WebhookFormats.Standard
            ? new WebhookResult(status, null)
            : new WebhookResult(status, RobotFailure(await ReadAsync(response, cancellation)));
    }

    private static async Task<byte[]> ReadAsync(HttpResponseMessage response, CancellationToken cancellation)
    {
        await using var stream = await response.Content.ReadAsStreamAsync(cancellation);
        var buffer = new byte[AnswerBytesMax];
        var length = await stream.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, cancellation);
        return buffer[..length];
    }

    // Robots answer 200 whatever happens, and say it in the body: errcode (WeCom, DingTalk) or code (Feishu), 0 = taken.
    private static string? RobotFailure(byte[] answer)
    {
        try
        {
            using var document = JsonDocument.Parse(answer);
            var root = document.RootElement;
            foreach (var (code, text) in new[] { ("errcode", "errmsg"), ("code", "msg"), ("StatusCode", "StatusMessage") })
            {
                if (root.ValueKind == JsonValueKind.Object && root.TryGetProperty(code, out var value) && value.ValueKind == JsonValueKind.Number)
                {
                    return value.GetRawText() == "0" ? null
                        : Clipped($"the robot refuses it: {code} {value.GetRawText()} {(root.TryGetProperty(text, out var message) ? message.ToString() : "")}");
                }
            }

            return "the answer is not a robot's: it has neither errcode nor code";
        }
        catch (JsonException)
        {
            return "the answer is not a robot's: it is no JSON";
        }
    }

    private static string Reason(Exception exception)
    {
        for (var cause = exception; cause is not null; cause = cause.InnerException)
        {
            switch (cause)
            {
                case WebhookRefusedException refused:
                    return $"refused: {refused.Message}";
                case SocketException socket:
                    return $"cannot connect: {socket.SocketErrorCode}";
                case AuthenticationException tls:
                    return $"no TLS: {tls.Message}";
            }
        }

        return exception.Message;
    }

    // It may come from the receiver: a line break in it would forge lines of the log.
    private static string Clipped(string text)
    {
        var clean = new string([.. text.Take(FailureLengthMax).Select(c => char.IsControl(c) || char.IsSurrogate(c) ? ' ' : c)]);
        return text.Length > FailureLengthMax ? clean + "…" : clean;
    }
}
