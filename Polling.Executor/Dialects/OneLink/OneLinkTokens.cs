using System.Globalization;
using System.Text.Json;
using Polling.Core.Queue.Tokens;
using Polling.Executor.Checks;
using Polling.Executor.Gateway;
using StackExchange.Redis;

namespace Polling.Executor.Dialects.OneLink;

/// <summary>
/// The tokens that OneLink's requests carry: one for each account, shared by all processes. It is renewed in the last tenth of its lifetime, or when the carrier
/// refuses it, by one caller in all processes; meanwhile the others use the old one while it is good, or wait.
/// </summary>
internal sealed partial class OneLinkTokens(GatewayHttp http, CarrierTokens tokens, ExecutorIdentity identity, TimeProvider time, ILogger<OneLinkTokens> logger)
    : IDialectPart
{
    private const long LifetimeSecondsMax = 7 * 24 * 3600;
    private static readonly TimeSpan WaitMax = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan LookEvery = TimeSpan.FromMilliseconds(50);

    /// <summary>A token that is good as far as is known.</summary>
    /// <exception cref="GatewayException">There is none, and none could be had.</exception>
    public async Task<string> GetAsync(CarrierCall call, GatewayAccount account, CancellationToken cancellation) =>
        await tokens.FindAsync(call.AccountId) switch
        {
            { EndsSoon: false } known => known.Value,
            { } old => await NextAsync(call, account, old.Value, mayUseOld: true, cancellation),
            null => await NextAsync(call, account, null, mayUseOld: false, cancellation),
        };

    /// <summary>Another token than the one that was refused.</summary>
    public Task<string> RenewAsync(CarrierCall call, GatewayAccount account, string refused, CancellationToken cancellation) =>
        NextAsync(call, account, refused, mayUseOld: false, cancellation);

    private async Task<string> NextAsync(CarrierCall call, GatewayAccount account, string? old, bool mayUseOld, CancellationToken cancellation)
    {
        var owner = $"{identity.Name}:{Guid.NewGuid():N}";
        var started = time.GetTimestamp();
        var left = call.TimeLeft(time);
        var patience = left < WaitMax ? left : WaitMax;
        while (true)
        {
            if (await tokens.TryBeginAsync(call.AccountId, owner, call.TotalTimeout + ExecutorOptionsValidator.Margin))
            {
                try
                {
                    // Somebody may have fetched it in the meantime.
                    return await OtherAsync(call, old) ?? await FetchAsync(call, account, cancellation);
                }
                finally
                {
                    await EndAsync(call, owner);
                }
            }

            if (mayUseOld)
            {
                return old!;
            }

            if (time.GetElapsedTime(started) >= patience)
            {
                throw new GatewayException("token", "Somebody else fetches the account's token, and it has not come.");
            }

            await Task.Delay(LookEvery, time, cancellation);
            if (await OtherAsync(call, old) is { } next)
            {
                return next;
            }
        }
    }

    private async Task<string?> OtherAsync(CarrierCall call, string? old) =>
        (await tokens.FindAsync(call.AccountId))?.Value is { } known && known != old ? known : null;

    private async Task<string> FetchAsync(CarrierCall call, GatewayAccount account, CancellationToken cancellation)
    {
        var query = $"appid={Uri.EscapeDataString(account.AppId)}&password={Uri.EscapeDataString(account.RequiredSecret())}";
        var transaction = Uri.EscapeDataString(OneLinkClient.TransactionId(call, account, time));
        var request = new HttpRequestMessage(HttpMethod.Get, new Uri(account.BaseUrl, $"get/token?{query}&transid={transaction}"));
        var (token, lifetime) = await http.SendAsync(call, request, answer => Read(answer.Json), cancellation);
        await tokens.StoreAsync(call.AccountId, token, lifetime);
        LogFetched(logger, account.Code, (long)lifetime.TotalSeconds);
        return token;
    }

    private static (string Token, TimeSpan Lifetime) Read(JsonElement json)
    {
        OneLinkClient.Errors.Check(json.Text("status"), json.Text("message"), isOfOneCard: false);
        var issued = json.Items("result").FirstOrDefault();
        return issued.Text("token") is { } token
            && long.TryParse(issued.Text("ttl"), NumberStyles.None, CultureInfo.InvariantCulture, out var seconds) && seconds is > 0 and <= LifetimeSecondsMax
            ? (token, TimeSpan.FromSeconds(seconds))
            : throw new GatewayException(Problem.BadValue, "The gateway's answer has no token with a lifetime.");
    }

    // When Redis does not take it, the right ends by itself.
    private async Task EndAsync(CarrierCall call, string owner)
    {
        try
        {
            await tokens.EndAsync(call.AccountId, owner);
        }
        catch (Exception e) when (e is RedisException or TimeoutException)
        {
            LogNotEnded(logger, call.AccountId, e.Message);
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Account {Account} has a new token, good for {Seconds} s")]
    private static partial void LogFetched(ILogger logger, string account, long seconds);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The right to fetch account {AccountId}'s token could not be given back; it ends by itself: {Reason}")]
    private static partial void LogNotEnded(ILogger logger, int accountId, string reason);
}
