using System.Net.Http.Headers;
using System.Net.Mime;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Polling.Core.Configuration;
using Polling.Core.Queue.Facts;
using Polling.Core.Queue.Quotas;
using Polling.Executor.Dialects;

namespace Polling.Executor.Gateway;

/// <summary>The gateway answered in a way that says nothing about the cards.</summary>
/// <param name="code">Short code, at most 32 characters, as it is kept in <c>tb_card_poll</c>.</param>
/// <param name="message">What happened.</param>
/// <param name="inner">Cause.</param>
internal sealed class GatewayException(string code, string message, Exception? inner = null) : Exception(message, inner)
{
    public string Code { get; } = code;

    /// <summary>What it says about the carrier; unless set, that its answer was none.</summary>
    public AttemptResult Result { get; init; } = AttemptResult.Transport;

    /// <summary>What follows from it.</summary>
    public GatewayOutcome Outcome { get; init; } = GatewayOutcome.RetryLater;
}

/// <summary>Speaks the plain JSON dialect.</summary>
internal sealed class GatewayClient(HttpClient http, ExecutorIdentity identity, AttemptReports reports, TimeProvider time)
{
    private const long ResponseBytesMax = 1024 * 1024;
    private const string OverQuotaStatus = "40000029";

    /// <summary>Asks about a call's cards for the call's task.</summary>
    /// <returns>By number: the answer. A card that the gateway says nothing about is not there.</returns>
    /// <exception cref="GatewayException">The call as a whole failed.</exception>
    /// <exception cref="QuotaRefusedException">The account refused it: nothing was sent.</exception>
    public async Task<Dictionary<string, TAnswer>> AskAsync<TAnswer>(
        OutgoingCall call, GatewayAccount account, IReadOnlyCollection<CardFacts> cards, JsonTypeInfo<GatewayResponse<TAnswer>> json,
        CancellationToken cancellation)
        where TAnswer : class, IGatewayAnswer
    {
        var body = JsonSerializer.SerializeToUtf8Bytes(
            new GatewayRequest([.. cards.Select(c => new GatewayCard(c.Number))]), GatewayJson.Default.GatewayRequest);
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(account.BaseUrl, $"gateway/{account.Code}/{call.Claimed.Type.Name()}"));
        request.Content = new ByteArrayContent(body) { Headers = { ContentType = new MediaTypeHeaderValue(MediaTypeNames.Application.Json) } };
        request.Headers.Add("X-Polling-Caller", identity.Name);
        request.Headers.Add("Idempotency-Key", call.Claimed.Id);
        request.Options.Set(QuotaHandler.Call, call);
        call.GivenUp = cancellation;

        // The total timeout: retries and the body included.
        using var timeout = new CancellationTokenSource(call.TotalTimeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellation);
        try
        {
            using var response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, either.Token);
            if (!response.IsSuccessStatusCode)
            {
                throw new GatewayException($"http_{(int)response.StatusCode}", $"The gateway answered HTTP {(int)response.StatusCode}.");
            }

            return await ReadAnswerAsync(call, response, json, either.Token);
        }
        catch (Exception e) when (e is HttpRequestException or IOException)
        {
            throw new GatewayException("connection", "The gateway could not be reached, or broke the connection.", e);
        }
        catch (Exception e) when (e is Polly.Timeout.TimeoutRejectedException or OperationCanceledException && !cancellation.IsCancellationRequested)
        {
            throw new GatewayException("timeout", "The gateway did not answer in time.", e);
        }
    }

    private async Task<Dictionary<string, TAnswer>> ReadAnswerAsync<TAnswer>(
        OutgoingCall call, HttpResponseMessage response, JsonTypeInfo<GatewayResponse<TAnswer>> json, CancellationToken cancellation)
        where TAnswer : class, IGatewayAnswer
    {
        var result = AttemptResult.Transport;
        try
        {
            var answers = Read(await ReadBodyAsync(response, cancellation), json);
            result = AttemptResult.Ok;
            return answers;
        }
        catch (GatewayException e)
        {
            result = e.Result;
            throw;
        }
        finally
        {
            await reports.EndAnswerAsync(call, call.GivenUp.IsCancellationRequested && result == AttemptResult.Transport ? AttemptResult.None : result);
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

    private static Dictionary<string, TAnswer> Read<TAnswer>(byte[] body, JsonTypeInfo<GatewayResponse<TAnswer>> json)
        where TAnswer : class, IGatewayAnswer
    {
        GatewayResponse<TAnswer>? response;
        try
        {
            response = JsonSerializer.Deserialize(body, json);
        }
        catch (JsonException e)
        {
            throw new GatewayException("bad_json", "The gateway's answer is not the JSON that was agreed.", e);
        }

        if (response?.Status != "0")
        {
            throw new GatewayException(Shorten(response?.Status), $"The gateway refused the call: status '{response?.Status}', {response?.Message}.")
            {
                Result = response?.Status == OverQuotaStatus ? AttemptResult.Throttled : AttemptResult.Refused,
            };
        }

        var answers = new Dictionary<string, TAnswer>(StringComparer.OrdinalIgnoreCase);
        foreach (var answer in response.Results ?? [])
        {
            if (answer?.Id is { } id)
            {
                answers[id] = answer;
            }
        }

        return answers;
    }

    private static string Shorten(string? status) => status is null ? "no_status" : status.Length <= 32 ? status : status[..32];
}

/// <summary>Where and as whom an account is asked.</summary>
/// <param name="Code">The account's code.</param>
/// <param name="BaseUrl">Base address of its gateway, ending in a slash.</param>
/// <param name="TimeZone">The zone that its billing cycles are reckoned in.</param>
internal sealed record GatewayAccount(string Code, Uri BaseUrl, TimeZoneInfo TimeZone);
