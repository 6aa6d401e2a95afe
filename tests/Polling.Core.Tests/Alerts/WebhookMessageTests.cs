using System.Text.Json;
using System.Web;
using Polling.Core.Alerts;
using Polling.Core.Alerts.Webhooks;

namespace Polling.Core.Tests.Alerts;

public sealed class WebhookMessageTests
{
    private const string Secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
    private static readonly DateTimeOffset Now = new(2026, 3, 1, 8, 0, 5, TimeSpan.Zero);

    // The vector that the specification's reference libraries are tested with.
    [Fact]
    public void The_published_test_vector()
    {
        const string Body = """{"test": 2432232314}""";
        const string Expected = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=";
        Assert.True(WebhookSecrets.TryDecode(Secret, out var key));
        Assert.Equal(Expected, WebhookSignatures.Standard(key, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, Body));

        // The verifier of these tests agrees with it.
        var headers = new Dictionary<string, string>
        {
            ["webhook-id"] = "msg_p5jXN8AQM9LWM0D4loKWxJek",
            ["webhook-timestamp"] = "1614265330",
            ["webhook-signature"] = Expected,
        };
        var then = DateTimeOffset.FromUnixTimeSeconds(1614265330);
        Assert.True(StandardVerifier.Accepts(Secret, headers, Body, then));
        Assert.False(StandardVerifier.Accepts(Secret, headers, Body + " ", then));
        Assert.False(StandardVerifier.Accepts(Secret, headers, Body, then.AddMinutes(6)));
    }

    [Fact]
    public void A_standard_webhook_is_accepted_by_a_receiver_and_each_attempt_is_signed_anew()
    {
        var delivery = Delivery(WebhookFormats.Standard, Secret);
        var first = WebhookMessage.Of(delivery, Now);
        var second = WebhookMessage.Of(delivery, Now.AddHours(1));

        Assert.True(StandardVerifier.Accepts(Secret, first.Headers, first.Body, Now));
        Assert.True(StandardVerifier.Accepts(Secret, second.Headers, second.Body, Now.AddHours(1)));
        Assert.Equal(("msg_1", "msg_1"), (first.Headers["webhook-id"], second.Headers["webhook-id"]));
        Assert.NotEqual(first.Headers["webhook-signature"], second.Headers["webhook-signature"]);
        Assert.Equal(first.Body, second.Body);
        var body = JsonDocument.Parse(first.Body).RootElement;
        Assert.Equal(("alert.triggered", "2026-03-01T08:00:00.000Z"), (body.GetProperty("type").GetString(), body.GetProperty("timestamp").GetString()));
        var data = body.GetProperty("data");
        Assert.Equal(("成功率告警", 83.5, 90), (data.GetProperty("rule_name").GetString(), data.GetProperty("value").GetDouble(), data.GetProperty("threshold").GetDouble()));
        Assert.Equal("2026-03-01T08:00:00+00:00", data.GetProperty("triggered_at").GetString());
    }

    [Fact]
    public void Without_a_secret_nothing_is_signed() =>
        Assert.DoesNotContain("webhook-signature", WebhookMessage.Of(Delivery(WebhookFormats.Standard, null), Now).Headers.Keys);

    [Fact]
    public void WeCom()
    {
        var message = WebhookMessage.Of(Delivery(WebhookFormats.Wecom, null), Now);
        var body = JsonDocument.Parse(message.Body).RootElement;
        Assert.Equal("text", body.GetProperty("msgtype").GetString());
        Assert.Equal(
            "【轮询系统】告警触发\n规则：成功率告警（成功率）\n对象：实名检查（realname）\n当前值：83.5 %\n阈值：< 90 %\n样本数：200\n触发时间：2026-03-01 16:00:00 +08:00",
            body.GetProperty("text").GetProperty("content").GetString());
        Assert.Equal("https://robot.example/send?key=k", message.Url.ToString());
    }

    // Signatures of both robots, made with openssl as their documents say:
    // printf '1772352005000\nSECx' | openssl dgst -sha256 -hmac SECx -binary | base64
    // printf '' | openssl dgst -sha256 -hmac "$(printf '1772352005\nfeishu-secret')" -binary | base64
    [Fact]
    public void DingTalk_is_signed_in_the_query()
    {
        var message = WebhookMessage.Of(Delivery(WebhookFormats.Dingtalk, "SECx"), Now);
        var query = HttpUtility.ParseQueryString(message.Url.Query);
        Assert.Equal(("k", "1772352005000"), (query["key"], query["timestamp"]));
        Assert.Equal("XTPPh6diwn5Kg+PD95i2rlYWAZqmltjrJXY2xTUjw1c=", query["sign"]);
        Assert.Equal("text", JsonDocument.Parse(message.Body).RootElement.GetProperty("msgtype").GetString());
        Assert.Equal("https://robot.example/send?key=k", WebhookMessage.Of(Delivery(WebhookFormats.Dingtalk, null), Now).Url.ToString());
    }

    [Fact]
    public void Feishu_is_signed_in_the_body()
    {
        var body = JsonDocument.Parse(WebhookMessage.Of(Delivery(WebhookFormats.Feishu, "feishu-secret"), Now).Body).RootElement;
        Assert.Equal(("1772352005", "qRwX1xggQp242EiuhYdQe6kOEFEGRrRVf071iKpXX2g="), (body.GetProperty("timestamp").GetString(), body.GetProperty("sign").GetString()));
        Assert.Equal("text", body.GetProperty("msg_type").GetString());
        Assert.Contains("告警触发", body.GetProperty("content").GetProperty("text").GetString(), StringComparison.Ordinal);
        var unsigned = JsonDocument.Parse(WebhookMessage.Of(Delivery(WebhookFormats.Feishu, null), Now).Body).RootElement;
        Assert.False(unsigned.TryGetProperty("sign", out _));
    }

    [Theory]
    [InlineData("alert.resolved", "【轮询系统】告警恢复")]
    [InlineData("alert.test", "【轮询系统】测试通知")]
    public void Other_events_say_what_they_are(string kind, string title)
    {
        var delivery = Delivery(WebhookFormats.Wecom, null);
        delivery.Event = kind;
        Assert.StartsWith(title, JsonDocument.Parse(WebhookMessage.Of(delivery, Now).Body).RootElement.GetProperty("text").GetProperty("content").GetString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("standard", "whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", true)]
    [InlineData("standard", "whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=", false)]
    [InlineData("standard", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", false)]
    [InlineData("standard", "whsec_not base64", false)]
    [InlineData("wecom", "x", false)]
    [InlineData("dingtalk", "SEC1", true)]
    [InlineData("feishu", "", false)]
    public void Secrets_fit_their_format(string format, string secret, bool fits) =>
        Assert.Equal(fits, WebhookSecrets.Problem(format, secret) is null);

    [Fact]
    public void Attempts_spread_over_about_a_day_and_heed_the_receiver()
    {
        var waits = Enumerable.Range(1, RetrySchedule.AttemptsMax - 1).Select(n => RetrySchedule.After(n, 0.5)!.Value).ToArray();
        Assert.Equal(TimeSpan.FromSeconds(5), waits[0]);
        Assert.Equal(waits.Order(), waits);
        Assert.InRange(waits.Sum(wait => wait.TotalHours), 18, 26);
        Assert.Null(RetrySchedule.After(RetrySchedule.AttemptsMax, 0.5));
        Assert.Equal((4, 6), (RetrySchedule.After(1, 0)!.Value.TotalSeconds, RetrySchedule.After(1, 1)!.Value.TotalSeconds));
        Assert.Equal(TimeSpan.FromMinutes(2), RetrySchedule.After(1, 0, TimeSpan.FromMinutes(2)));
        Assert.Equal(TimeSpan.FromHours(4), RetrySchedule.After(1, 0, TimeSpan.FromDays(9)));
    }

    private static AlertDelivery Delivery(string format, string? secret) => new()
    {
        MessageId = "msg_1",
        Event = AlertEvents.Triggered,
        Format = format,
        Secret = secret,
        Url = "https://robot.example/send?key=k",
        CreatedAt = Now.AddSeconds(-5),
        Notice = AlertNotice.Of(new AlertHistoryEntry
        {
            Id = 5,
            RuleId = 2,
            RuleName = "成功率告警",
            RuleType = "success_rate",
            Subject = "realname",
            Comparison = "<",
            Threshold = 90,
            Value = 83.5,
            Samples = 200,
            TriggeredAt = Now.AddSeconds(-5),
        }).ToJson(),
    };
}
