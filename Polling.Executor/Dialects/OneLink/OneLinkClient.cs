using System.Globalization;
using System.Text.Json;
using Polling.Executor.Gateway;

namespace Polling.Executor.Dialects.OneLink;

/// <summary>Sends OneLink's requests with a token; one that the carrier no longer takes (12021) is renewed, and the request sent once more.</summary>
internal sealed class OneLinkClient(GatewayHttp http, OneLinkTokens tokens, TimeProvider time) : IDialectPart
{
    public static readonly ErrorTable Errors = new();

    /// <summary>Asks.</summary>
    /// <param name="call">The call.</param>
    /// <param name="account">The account.</param>
    /// <param name="path">Below the base address.</param>
    /// <param name="query">Without transid and token.</param>
    /// <param name="read">Reads an answer that is OK, or the code of what is wrong with its one card.</param>
    /// <param name="isOfOneCard">Whether it is about one card.</param>
    /// <param name="cancellation">Gives it up.</param>
    /// <param name="key">With a key it is a change; the key is its transid.</param>
    public async Task<T> GetAsync<T>(
        CarrierCall call, GatewayAccount account, string path, string query, Func<JsonElement, string?, T> read, bool isOfOneCard,
        CancellationToken cancellation, string? key = null)
    {
        var token = await tokens.GetAsync(call, account, cancellation);
        try
        {
            return await SendAsync(token);
        }
        catch (GatewayException e) when (e.Outcome == GatewayOutcome.Reauthenticate)
        {
            // It was refused before anything was done, so that it may be sent again.
            return await SendAsync(await tokens.RenewAsync(call, account, token, cancellation));
        }

        Task<T> SendAsync(string with) => http.SendAsync(
            call,
            new HttpRequestMessage(
                HttpMethod.Get,
                new Uri(account.BaseUrl, $"{path}?transid={Uri.EscapeDataString(key ?? TransactionId(call, account, time))}&token={Uri.EscapeDataString(with)}&{query}")),
            answer => read(answer.Json, Errors.Check(answer.Json.Text("status"), answer.Json.Text("message"), isOfOneCard)),
            cancellation, isChange: key is not null);
    }

    /// <summary>A name of a request: the account's, the time and eight digits.</summary>
    public static string TransactionId(CarrierCall call, GatewayAccount account, TimeProvider time) => string.Create(
        CultureInfo.InvariantCulture, $"{account.AppId}{call.Now(time):yyyyMMddHHmmss}{Random.Shared.Next(100_000_000):D8}");
}
