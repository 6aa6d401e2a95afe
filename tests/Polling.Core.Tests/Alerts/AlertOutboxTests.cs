using Polling.Core.Alerts;
using Polling.Core.Alerts.Rules;
using Polling.Core.Alerts.Webhooks;
using Polling.Core.Persistence.Alerts;
using Polling.Core.Tests.Persistence;

namespace Polling.Core.Tests.Alerts;

public sealed class AlertOutboxTests(DatabaseFixture server)
{
    private static readonly WebhookResult Failed = new(500, "HTTP 500");

    [Fact]
    public async Task A_delivery_has_one_sender_at_a_time_and_another_when_that_one_died()
    {
        var cancel = TestContext.Current.CancellationToken;
        await using var database = await server.MigratedAsync();
        var outbox = await QueueAsync(database);
        var taken = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => outbox.TakeAsync(8, cancel)));
        var first = Assert.Single(taken.SelectMany(deliveries => deliveries));

        await DueAsync(database);
        var second = Assert.Single(await outbox.TakeAsync(8, cancel));
        Assert.Equal((first.MessageId, 1, 2), (second.MessageId, first.Attempts, second.Attempts));

        // The first one was only asleep: what it says now no longer counts.
        await outbox.RecordAsync(first, DeliveryState.Gone, new WebhookResult(410, "HTTP 410"), TimeSpan.Zero, cancel);
        await outbox.RecordAsync(second, DeliveryState.Delivered, new WebhookResult(204, null), TimeSpan.Zero, cancel);
        Assert.Equal("1 204", await database.ScalarAsync<string>("SELECT state || ' ' || last_status FROM tb_polling_alert_delivery WHERE delivered_at IS NOT NULL"));
        await DueAsync(database);
        Assert.Empty(await outbox.TakeAsync(8, cancel));
    }

    [Theory]
    [InlineData(DeliveryState.Pending, "https://receiver.example/hook?key=abc whsec_x")]
    [InlineData(DeliveryState.Delivered, "https://receiver.example/hook?key=*** -")]
    [InlineData(DeliveryState.Failed, "https://receiver.example/hook?key=*** -")]
    [InlineData(DeliveryState.Gone, "https://receiver.example/hook?key=*** -")]
    public async Task Secrets_are_kept_only_while_they_are_needed(DeliveryState state, string kept)
    {
        var cancel = TestContext.Current.CancellationToken;
        await using var database = await server.MigratedAsync();
        var outbox = await QueueAsync(database);
        var delivery = Assert.Single(await outbox.TakeAsync(8, cancel));
        await outbox.RecordAsync(delivery, state, Failed, TimeSpan.FromHours(1), cancel);

        Assert.Equal(kept, await database.ScalarAsync<string>("SELECT url || ' ' || coalesce(secret, '-') FROM tb_polling_alert_delivery"));
        Assert.Empty(await outbox.TakeAsync(8, cancel));
        await DueAsync(database);
        Assert.Equal(state == DeliveryState.Pending ? 1 : 0, (await outbox.TakeAsync(8, cancel)).Count);
    }

    private static async Task<AlertOutbox> QueueAsync(TestDatabase database)
    {
        var outbox = new AlertOutbox(database.Source);
        await outbox.QueueTestAsync(
            new AlertRule
            {
                Id = 9,
                Name = "r",
                RuleType = "queue_backlog",
                Comparison = ">",
                WebhookUrl = "https://receiver.example/hook?key=abc",
                WebhookSecret = "whsec_x",
            },
            TestContext.Current.CancellationToken);
        return outbox;
    }

    private static Task DueAsync(TestDatabase database) => database.ExecuteAsync("UPDATE tb_polling_alert_delivery SET next_attempt_at = now() - interval '1 s'");
}
