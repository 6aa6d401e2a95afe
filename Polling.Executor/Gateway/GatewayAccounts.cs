using Microsoft.EntityFrameworkCore;
using Polling.Core.Carriers;
using Polling.Core.Persistence;
using Polling.Executor.Dialects;

namespace Polling.Executor.Gateway;

/// <summary>Where and as whom each account is asked, read from PostgreSQL every 2 s: no read for each call.</summary>
internal sealed partial class GatewayAccounts(
    IServiceScopeFactory scopes, DialectRegistry dialects, IHostEnvironment environment, TimeProvider time, ILogger<GatewayAccounts> logger) : BackgroundService
{
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(2);
    private static readonly Uri MockGateway = new("http://mock-gateway/");

    private readonly HashSet<string> _unknownZones = [];
    private volatile Dictionary<int, GatewayAccount> _accounts = [];

    /// <summary>The account, or null when it is not known (yet).</summary>
    public GatewayAccount? Find(int accountId) => _accounts.GetValueOrDefault(accountId);

    /// <summary>Reads them once before the services after it start: the first claimed call needs its account.</summary>
    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        await ReadAsync(cancellationToken);
        await base.StartAsync(cancellationToken);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var inTrouble = false;
        while (!stoppingToken.IsCancellationRequested)
        {
            await Task.Delay(Every, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            try
            {
                await ReadAsync(stoppingToken);
                inTrouble = false;
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
#pragma warning disable CA1031 // The accounts known so far stay in force.
            catch (Exception e)
#pragma warning restore CA1031
            {
                if (!inTrouble)
                {
                    LogTrouble(logger, e.Message);
                    inTrouble = true;
                }
            }
        }
    }

    private async Task ReadAsync(CancellationToken cancellation)
    {
        await using var scope = scopes.CreateAsyncScope();
        var context = scope.ServiceProvider.GetRequiredService<PollingDbContext>();
        var rows = await context.CarrierAccounts.AsNoTracking()
            .Select(a => new { a.Id, a.Code, a.BaseUrl, a.TimeZone, a.Dialect, a.AppId, a.AppSecret }).ToArrayAsync(cancellation);
        _accounts = rows.ToDictionary(a => a.Id, a =>
        {
            var appId = a.AppId ?? a.Code;
            return new GatewayAccount(
                a.Code, a.BaseUrl is { } url ? new Uri(url.TrimEnd('/') + "/") : new Uri(MockGateway, dialects.Of(a.Dialect).MockRoot), ZoneOf(a.Code, a.TimeZone))
            {
                Dialect = a.Dialect,
                AppId = appId,

                // The mock gateway's own rule; nothing else is ever shown a secret that is easily guessed.
                AppSecret = a.AppSecret ?? (a.BaseUrl is null && environment.IsDevelopment() ? "secret-" + appId : null),
            };
        });
    }

    // A zone that this machine does not know must not keep the account's cards from being polled.
    private TimeZoneInfo ZoneOf(string account, string id)
    {
        if (!AccountZone.TryFind(id, out var zone) && _unknownZones.Add(id))
        {
            LogUnknownZone(logger, account, id);
        }

        return zone;
    }

    [LoggerMessage(
        Level = LogLevel.Warning, Message = "Account {Account} has the time zone {Zone}, which is not known here; its billing cycles are reckoned in UTC+8")]
    private static partial void LogUnknownZone(ILogger logger, string account, string zone);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The carrier accounts could not be read again; those known so far stay in force: {Reason}")]
    private static partial void LogTrouble(ILogger logger, string reason);
}
