using Polling.Core.Carriers;
using Polling.Core.Queue.Quotas;
using Polling.Executor.Gateway;

namespace Polling.Executor.Tests.Dialects;

/// <summary>By the carriers' own count no dialect sends more than its account may, whatever it sends: questions, tokens, stops.</summary>
public sealed class DialectQuotaTests(DialectFixture fixture) : IClassFixture<DialectFixture>
{
    private const int CallsPerSecond = 20;
    private const int Callers = 8;
    private const int Enough = 60;
    private int _expired;

    [Fact]
    public async Task No_dialects_quota_is_exceeded_in_the_carriers_count()
    {
        var accounts = new List<DialectAccount>();
        foreach (var dialect in Enum.GetValues<CarrierDialect>())
        {
            accounts.Add(await fixture.AccountAsync(dialect, CallsPerSecond));
        }

        using var patience = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        patience.CancelAfter(TimeSpan.FromSeconds(60));
        using var ended = new CancellationTokenSource();
        var pulse = Pulse.LongestStallAsync(ended.Token);
        await Task.WhenAll(accounts.SelectMany(account => Enumerable.Range(0, Callers).Select(caller => SendAsync(account, caller, patience.Token))));

        await ended.CancelAsync();

        // The margin covers a tenth of a second. What this machine held up for longer arrives together with what was granted after it.
        var allowed = CallsPerSecond * (int)Math.Ceiling((TimeSpan.FromSeconds(1) + await pulse) / QuotaGate.Window);
        var summary = (await fixture.Mock.GetAsync("/control/ledger/summary"))["accounts"]!.AsArray().ToDictionary(row => (string)row!["account"]!);
        foreach (var account in accounts)
        {
            var figures = summary[account.Code]!;
            Assert.InRange((int)figures["max_per_second"]!, CallsPerSecond / 2, allowed);
            Assert.True((int)figures["calls"]! >= Enough);
        }

        Assert.True((await accounts.Single(account => account.Gateway.Dialect == CarrierDialect.OneLink).LedgerAsync("token")).Count >= 2);
    }

    // Each caller sends as fast as it is let, and every tenth time a stop; tokens expire on the way.
    private async Task SendAsync(DialectAccount account, int caller, CancellationToken patience)
    {
        for (var sent = 0; sent < Enough / Callers + 1;)
        {
            patience.ThrowIfCancellationRequested();
            try
            {
                if (sent == 3 && caller == 0 && account.Gateway.Dialect == CarrierDialect.OneLink && Interlocked.Exchange(ref _expired, 1) == 0)
                {
                    await fixture.Mock.ExpireTokensAsync();
                }

                await account.AskAsync(
                    async (dialect, call, gateway) => sent % 10 == 9
                        ? (object)await dialect.ChangeStopAsync(call, gateway, account.Card(caller + 1), isStopped: true, $"{caller}", patience)
                        : await dialect.ReadUsagesAsync(call, gateway, [account.Card(caller + 1)], patience),
                    process: caller % 2);
                sent++;
            }
            catch (QuotaRefusedException e)
            {
                await Task.Delay(e.Decision.RetryAfter, patience);
            }
            catch (Exception e) when (e is GatewayException or GrantTooOldException)
            {
                // A slow machine; the next one is sent.
            }
        }
    }
}
