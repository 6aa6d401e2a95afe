using System.Globalization;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using Polling.Core.Configuration;
using Polling.Core.ManualTriggers;
using Polling.Core.Persistence;
using Polling.Core.Persistence.ManualTriggers;

namespace Polling.Core.Queue.Manual;

/// <summary>
/// Hands the cards of manual triggers over to the queue, a little ahead of what each account's budget carries, and writes down which of
/// them ended without a call. Those that were asked are written down by the executor, before it completes their call.
/// </summary>
/// <remarks>
/// <para>A card is marked in PostgreSQL before its request goes to Redis. A crash in between, or a Redis that lost its data, leaves cards that
/// were handed over and whose requests are nowhere: <see cref="RecoverAsync"/> finds them, and they wait again.</para>
/// <para>An account's part is bounded, so a blocked account holds up no other, and a cancelled trigger leaves little behind.</para>
/// </remarks>
public sealed class ManualHandover(
    ManualTriggerStore store, ManualRequests requests, SettledRequests settled, IServiceScopeFactory scopes, NpgsqlDataSource postgres, TimeProvider time)
{
    private const int CardsPerStep = 1_000;

    // As many as an account can have waiting: a cancel is one statement, and whoever settles beside it waits for no more than that.
    private const int SettledPerStep = 10_000;
    private const int WaitingMin = 1_000;
    private const int WaitingMax = 10_000;
    private const long AdvisoryLock = MigrationRunner.AdvisoryLock + 2;

    // Requests in Redis carry so many seconds of an account's budget.
    private const int AheadSeconds = 2;

    // From the mark in PostgreSQL to the request in Redis it takes some milliseconds.
    private static readonly TimeSpan LostAfter = TimeSpan.FromSeconds(10);

    /// <summary>One step of one trigger: lists, hands over, or cancels some of its cards.</summary>
    /// <returns>How many; 0 = there is nothing to do now.</returns>
    public async Task<int> StepAsync(ManualTrigger trigger, CancellationToken cancellation)
    {
        if (trigger.CancelledAt is not null)
        {
            return await TakeBackAsync(trigger, cancellation) + await store.CancelWaitingAsync(trigger.Id, WaitingMax, cancellation);
        }

        var steps = 0;
        if (trigger.ListedTo is not null)
        {
            await using var scope = scopes.CreateAsyncScope();
            steps += await scope.ServiceProvider.GetRequiredService<ManualTriggerListing>().ListAsync(trigger.Id, cancellation);
        }

        foreach (var (account, waitingMax) in await AccountsAsync(trigger.Id, cancellation))
        {
            var room = (int)Math.Min(CardsPerStep, waitingMax - await settled.WaitingAsync(trigger.TaskType, account));
            steps += room > 0 ? await HandOverAsync(trigger, account, room, cancellation) : 0;
        }

        return steps;
    }

    /// <summary>Writes down which requests ended without a call.</summary>
    public async Task SettleAsync(TaskType type, CancellationToken cancellation)
    {
        while (true)
        {
            await using var connection = await postgres.OpenConnectionAsync(cancellation);
            await using var transaction = await connection.BeginTransactionAsync(cancellation);

            // One reader at a time: what is removed is what was read.
            await using var reader = new NpgsqlCommand($"SELECT pg_advisory_xact_lock({AdvisoryLock})", connection, transaction);
            await reader.ExecuteNonQueryAsync(cancellation);
            var ended = await settled.ReadAsync(type, SettledPerStep);
            var outcomes = ended.Where(request => long.TryParse(request.Trigger, CultureInfo.InvariantCulture, out _))
                .Select(request => new ManualOutcome(
                    long.Parse(request.Trigger, CultureInfo.InvariantCulture), request.CardId,
                    request.IsCancelled ? ManualItemState.Cancelled : ManualItemState.Skipped, request.IsCancelled ? null : SkipReason.UnderWay))
                .Distinct().ToArray();
            await store.SettleAsync(outcomes, cancellation);
            if (ended.Count > 0)
            {
                await settled.RemoveAsync(type, ended.Count);
            }

            if (ended.Count < SettledPerStep)
            {
                return;
            }
        }
    }

    /// <summary>Cancels a trigger: nothing more of it is sent but what an executor has claimed already.</summary>
    /// <returns>False: it has ended, or was cancelled before.</returns>
    /// <remarks>The mark in PostgreSQL is the cancel; whatever is killed after it, the next step of the trigger, or a repeated cancel, does the rest.</remarks>
    public async Task<bool> CancelAsync(ManualTrigger trigger, CancellationToken cancellation)
    {
        if (!await store.CancelAsync(trigger.Id, time.GetUtcNow(), cancellation))
        {
            return false;
        }

        await FinishCancelAsync(trigger, cancellation);
        return true;
    }

    /// <summary>Does what is left to do of a cancel that was marked; repeatable.</summary>
    public async Task FinishCancelAsync(ManualTrigger trigger, CancellationToken cancellation)
    {
        await TakeBackAsync(trigger, cancellation);
        await SettleAsync(trigger.TaskType, cancellation);
    }

    /// <summary>Ends a trigger none of whose cards waits or is under way.</summary>
    public async Task<bool> FinishAsync(ManualTrigger trigger, CancellationToken cancellation)
    {
        if (!await store.FinishAsync(trigger.Id, cancellation))
        {
            return false;
        }

        await settled.ForgetAsync(trigger.TaskType, Name(trigger));
        return true;
    }

    /// <summary>Lets cards wait again that were handed over some time ago and whose requests Redis has no more.</summary>
    /// <returns>How many.</returns>
    public async Task<int> RecoverAsync(ManualTrigger trigger, CancellationToken cancellation)
    {
        var handed = await store.HandedBeforeAsync(trigger.Id, time.GetUtcNow() - LostAfter, CardsPerStep, cancellation);
        var lost = new List<ManualOutcome>();
        foreach (var account in handed.GroupBy(card => card.AccountId, card => card.CardId))
        {
            var found = await settled.LostAsync(trigger.TaskType, account.Key, Name(trigger), account);
            lost.AddRange(found.Select(card => new ManualOutcome(trigger.Id, card, ManualItemState.Waiting, null)));
        }

        // What ended meanwhile is not touched: it is handed over no more.
        return lost.Count == 0 ? 0 : await store.SettleAsync(lost, cancellation);
    }

    private async Task<int> TakeBackAsync(ManualTrigger trigger, CancellationToken cancellation)
    {
        var accounts = await store.AccountsAsync(trigger.Id, ManualItemState.HandedOver, cancellation);
        return accounts.Count == 0 ? 0 : (int)await settled.CancelAsync(trigger.TaskType, Name(trigger), accounts);
    }

    private async Task<int> HandOverAsync(ManualTrigger trigger, int account, int room, CancellationToken cancellation)
    {
        var cards = await store.TakeAsync(trigger.Id, account, room, cancellation);
        if (cards.Count == 0)
        {
            return 0;
        }

        // When this fails, which of them came in is unknown: those that did not are found by RecoverAsync.
        var answers = await requests.RequestAsync(trigger.TaskType, Name(trigger), cards);
        ManualOutcome[] refused =
        [
            .. cards.Zip(answers).Where(card => card.Second != ManualAnswer.Accepted).Select(card => card.Second == ManualAnswer.NotPolled
                ? new ManualOutcome(trigger.Id, card.First, ManualItemState.Skipped, SkipReason.NotPolled)
                : new ManualOutcome(trigger.Id, card.First, ManualItemState.Waiting, null)),
        ];
        await store.SettleAsync(refused, cancellation);
        return answers.Count(answer => answer != ManualAnswer.Full);
    }

    private async Task<IReadOnlyList<(int Account, long WaitingMax)>> AccountsAsync(long triggerId, CancellationToken cancellation)
    {
        var ids = await store.AccountsAsync(triggerId, ManualItemState.Waiting, cancellation);
        if (ids.Count == 0)
        {
            return [];
        }

        await using var scope = scopes.CreateAsyncScope();
        var budgets = await scope.ServiceProvider.GetRequiredService<PollingDbContext>().CarrierAccounts.AsNoTracking().Where(a => ids.Contains(a.Id))
            .ToDictionaryAsync(a => a.Id, a => (long)AheadSeconds * a.CallsPerSecond * a.CardsPerCall, cancellation);
        return [.. ids.Select(id => (id, Math.Clamp(budgets.GetValueOrDefault(id), WaitingMin, WaitingMax)))];
    }

    private static string Name(ManualTrigger trigger) => trigger.Id.ToString(CultureInfo.InvariantCulture);
}
