using System.Globalization;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Polling.Core.Cards;
using Polling.Core.Configuration;
using Polling.Core.Persistence.Results;
using Polling.Core.Queue.Claims;
using Polling.Core.Queue.Facts;
using Polling.Core.Queue.Lateness;
using Polling.Core.Queue.Quotas;
using Polling.Executor.Checks;
using Polling.Executor.Claims;
using Polling.Executor.Dialects;
using Polling.Executor.Gateway;

namespace Polling.Executor.Tests.Dialects;

/// <summary>An account at the mock gateway, and its cards.</summary>
internal sealed class DialectAccount(DialectFixture fixture, int id, GatewayAccount account)
{
    private static readonly TimeSpan TotalTimeout = TimeSpan.FromSeconds(15);
    private const string NoFaults =
        """
        "http_500":0,"other_error":0,"hang":0,"truncated":0,"http_429":0,"wrong_card":0,"rubbish":0,"rubbish_kind":"","lost_answer":0,
        """;

    private static long _calls;

    public int Id => id;

    public string Code => account.Code;

    public GatewayAccount Gateway => account;

    public CardFacts Card(int number) =>
        new(number, id, CardStatus.Active, RealNameStatus.NotRealNamed, 0, 1, string.Create(CultureInfo.InvariantCulture, $"8986{id:D6}{number:D10}"));

    public CardFacts[] Cards(int count) => [.. Enumerable.Range(1, count).Select(Card)];

    /// <summary>Asks about cards 1 to <paramref name="cards"/>, as a claimed call does.</summary>
    public async Task<IReadOnlyList<CardResult>> CheckAsync(TaskType type, int cards = 1, int process = 0, TimeSpan? timeout = null)
    {
        var now = TimeProvider.System.GetUtcNow();
        var claimed = new ClaimedCall(
            type, $"{Interlocked.Increment(ref _calls)}:{id}:{cards}", 1, 1, id, 0, now.ToUnixTimeMilliseconds(), 0, LatenessCause.OnTime, null, [], []);
        var call = new OutgoingCall(new CallLease(claimed, now, now, TimeSpan.FromSeconds(60)), timeout ?? TotalTimeout);
        return await fixture.Process(process).GetServices<ITaskCheck>().Single(check => check.Type == type)
            .AskAsync(call, account, [.. Cards(cards).Select(card => new AskedCard(card, 1_000))], TestContext.Current.CancellationToken);
    }

    /// <summary>The dialect, with a call that may use the whole budget.</summary>
    public Task<T> AskAsync<T>(Func<IDialect, CarrierCall, GatewayAccount, Task<T>> ask, TimeSpan? timeout = null, int process = 0) => ask(
        fixture.Process(process).GetRequiredService<DialectRegistry>().Of(account), new TestCall(id, timeout ?? TotalTimeout), account);

    public Task<ChangeReading> StopAsync(CardFacts card, string key, bool isStopped = true, TimeSpan? timeout = null) => AskAsync(
        (dialect, call, gateway) => dialect.ChangeStopAsync(call, gateway, card, isStopped, key, TestContext.Current.CancellationToken), timeout);

    public async Task<StopReading> StateAsync(CardFacts card) => (await AskAsync(
        (dialect, call, gateway) => dialect.ReadStopAsync(call, gateway, card, TestContext.Current.CancellationToken))).Value!;

    /// <summary>The mock's calls of the account, of one task or all.</summary>
    public Task<List<JsonElement>> LedgerAsync(string? task = null) =>
        fixture.Mock.LedgerAsync($"&account={account.Code}" + (task is null ? "" : $"&task={task}"));

    /// <summary>Faults of this account's calls alone, and no others than these.</summary>
    public Task FaultsAsync(string faults) => fixture.Mock.BehaveAsync("{\"faults\":{" + NoFaults + faults + ",\"accounts\":[\"" + account.Code + "\"]}}");

    private sealed class TestCall(int accountId, TimeSpan timeout) : CarrierCall(accountId, timeout)
    {
        private readonly long _number = Interlocked.Increment(ref _calls);

        public override string Id => $"test-{_number}";

        public override CallPriority Priority => CallPriority.Suspension;

        public override DateTimeOffset SendBefore => DateTimeOffset.MaxValue;

        protected override string AttemptPrefix => Id;

        public override DateTimeOffset Now(TimeProvider time) => time.GetUtcNow();
    }
}
