using System.Net;
using System.Text.Json;
using Polling.Core.Queue.Quotas;
using Polling.Executor.Dialects;

namespace Polling.Executor.Gateway;

/// <summary>A gateway's answer.</summary>
/// <param name="Status">Its HTTP status.</param>
/// <param name="Json">Its body; valid while it is being read.</param>
internal readonly record struct GatewayAnswer(HttpStatusCode Status, JsonElement Json);

/// <summary>
/// The one way to carriers, whatever the dialect: every attempt is charged to its account, bounded in time and size, and reported.
/// </summary>
internal sealed class GatewayHttp(HttpClient http, ExecutorIdentity identity, RetryBudget retries, AttemptReports reports, TimeProvider time)
{
    private const long ResponseBytesMax = 1024 * 1024;

    /// <summary>Sends a request that belongs to a call.</summary>
    /// <param name="call">Whose account is charged.</param>
    /// <param name="request">The request; this method disposes of it.</param>
    /// <param name="read">
    /// Reads the answer, and throws a <see cref="GatewayException"/> when it says nothing about the cards. It gets answers with HTTP status 2xx, and others too
    /// when <paramref name="readsErrors"/> is true and they are JSON.
    /// </param>
    /// <param name="cancellation">Gives it up.</param>
    /// <param name="isChange">It changes something: it is sent once, and where nobody can know whether it was done the outcome is <see cref="GatewayOutcome.Ambiguous"/>.</param>
    /// <param name="readsErrors">Whether this dialect's errors come with an HTTP status of their own.</param>
    /// <exception cref="GatewayException">The request failed.</exception>
    /// <exception cref="QuotaRefusedException">The account refused it: nothing was sent.</exception>
    /// <exception cref="LeaseTooShortException">Nothing was sent.</exception>
    public async Task<T> SendAsync<T>(
        CarrierCall call, HttpRequestMessage request, Func<GatewayAnswer, T> read, CancellationToken cancellation, bool isChange = false,
        bool readsErrors = false)
    {
        using var sent = request;
        // On a kept connection that the server has closed the HTTP client would send a request without content again by itself: charged to nobody, and a change
        // made twice. It never does with content, were it of no bytes.
        request.Content ??= new ByteArrayContent([]);
        request.Headers.Add("X-Polling-Caller", identity.Name);
        request.Options.Set(QuotaHandler.Call, call);
        request.Options.Set(QuotaHandler.IsChange, isChange);
        call.GivenUp = cancellation;
        retries.Deposit();
        var left = call.TimeLeft(time);
        if (left <= TimeSpan.Zero)
        {
            throw new GatewayException("timeout", "The call's time was over before this request of it.");
        }

        // The total timeout: retries and the body included.
        using var timeout = new CancellationTokenSource(left, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellation);
        var result = AttemptResult.Transport;
        try
        {
            var answer = await ExchangeAsync(request, read, readsErrors, either.Token);
            result = AttemptResult.Ok;
            return answer;
        }
        catch (GatewayException e)
        {
            result = e.Result;
            throw isChange && e.Outcome == GatewayOutcome.RetryLater ? Ambiguous(e) : e;
        }
        catch (Exception e) when (e is HttpRequestException or IOException)
        {
            var failed = new GatewayException("connection", "The gateway could not be reached, or broke the connection.", e);
            throw isChange && WasSent(e) ? Ambiguous(failed) : failed;
        }
        catch (Exception e) when (e is Polly.Timeout.TimeoutRejectedException or OperationCanceledException && !cancellation.IsCancellationRequested)
        {
            var late = new GatewayException("timeout", "The gateway did not answer in time.", e);
            throw isChange ? Ambiguous(late) : late;
        }
        finally
        {
            await reports.EndAnswerAsync(call, cancellation.IsCancellationRequested && result == AttemptResult.Transport ? AttemptResult.None : result);
        }
    }

    private async Task<T> ExchangeAsync<T>(HttpRequestMessage request, Func<GatewayAnswer, T> read, bool readsErrors, CancellationToken cancellation)
    {
        using var response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellation);
        if (!response.IsSuccessStatusCode && !readsErrors)
        {
            throw HttpError(response.StatusCode);
        }

        var body = await ReadBodyAsync(response, cancellation);
        try
        {
            using var json = JsonDocument.Parse(body);
            return read(new GatewayAnswer(response.StatusCode, json.RootElement));
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or FormatException)
        {
            // Also text with half a surrogate, which only shows when it is read.
            throw response.IsSuccessStatusCode
                ? new GatewayException("bad_json", "The gateway's answer is not the JSON that was agreed.", e)
                : HttpError(response.StatusCode);
        }
    }

    private static async Task<byte[]> ReadBodyAsync(HttpResponseMessage response, CancellationToken cancellation)
    {
        try
        {
            await response.Content.LoadIntoBufferAsync(ResponseBytesMax, cancellation);
        }
        catch (HttpRequestException e) when (e.HttpRequestError == HttpRequestError.ConfigurationLimitExceeded)
        {
            throw new GatewayException("too_long", $"The gateway's answer has more than {ResponseBytesMax} bytes.", e);
        }

        return await response.Content.ReadAsByteArrayAsync(cancellation);
    }

    private static GatewayException HttpError(HttpStatusCode status) => new($"http_{(int)status}", $"The gateway answered HTTP {(int)status}.")
    {
        Result = status == HttpStatusCode.TooManyRequests ? AttemptResult.Throttled : AttemptResult.Refused,
        Outcome = status switch
        {
            HttpStatusCode.TooManyRequests => GatewayOutcome.BackOffAccount,
            >= HttpStatusCode.BadRequest and < HttpStatusCode.InternalServerError and not HttpStatusCode.RequestTimeout => GatewayOutcome.Refused,
            _ => GatewayOutcome.RetryLater,
        },
    };

    private static GatewayException Ambiguous(GatewayException failed) =>
        new(failed.Code, failed.Message, failed) { Result = failed.Result, Outcome = GatewayOutcome.Ambiguous };

    // Only a connection that was never made carried nothing.
    private static bool WasSent(Exception failed) => failed is not HttpRequestException
    {
        HttpRequestError: HttpRequestError.NameResolutionError or HttpRequestError.ConnectionError or HttpRequestError.SecureConnectionError
            or HttpRequestError.ProxyTunnelError,
    };
}
