using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Options;
using Polling.Core.Alerts;
using Polling.Core.Alerts.Webhooks;
using Polling.TestServers;

namespace Polling.Core.Tests.Alerts;

/// <summary>Real connections to a receiver on this machine, which counts what arrives.</summary>
public sealed class WebhookSenderTests
{
    private const string Secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

    [Theory]
    [InlineData("http://127.0.0.1:{0}/")]
    [InlineData("http://2130706433:{0}/")]
    [InlineData("http://[::ffff:127.0.0.1]:{0}/")]
    [InlineData("http://localhost:{0}/")]
    [InlineData("http://receiver.test:{0}/")]
    public async Task Nothing_is_connected_that_is_not_allowed(string url)
    {
        await using var receiver = new Listener();
        using var sender = Sender(_ => [IPAddress.Loopback]);
        var result = await SendAsync(sender, string.Format(System.Globalization.CultureInfo.InvariantCulture, url, receiver.Port));

        Assert.False(result.IsDelivered);
        Assert.StartsWith("refused: 127.0.0.1 is not a public address", result.Failure!.Replace("::ffff:", "", StringComparison.Ordinal), StringComparison.Ordinal);
        Assert.Equal(0, receiver.Connections);
    }

    [Fact]
    public async Task One_private_address_among_public_ones_is_enough_to_refuse()
    {
        await using var receiver = new Listener();
        using var sender = Sender(_ => [IPAddress.Parse("1.1.1.1"), IPAddress.Loopback]);
        var result = await SendAsync(sender, $"http://receiver.test:{receiver.Port}/");
        Assert.StartsWith("refused: 127.0.0.1", result.Failure, StringComparison.Ordinal);
        Assert.Equal(0, receiver.Connections);
    }

    [Fact]
    public async Task A_name_that_rebinds_is_resolved_once_and_what_was_checked_is_connected()
    {
        // Allowed on first sight, forbidden from then on: as a name server of an attacker's answers.
        await using var receiver = new WebhookReceiver();
        await using var hidden = new Listener(IPAddress.Parse("127.0.0.2"), receiver.Port);
        var asked = 0;
        using var sender = Sender(_ => Interlocked.Increment(ref asked) == 1 ? [IPAddress.Loopback] : [IPAddress.Parse("127.0.0.2")], "127.0.0.1/32");

        Assert.True((await SendAsync(sender, $"http://receiver.test:{receiver.Port}/")).IsDelivered);
        Assert.Equal(1, asked);
        Assert.Single(receiver.Received);

        // A new connection is checked anew.
        using var other = Sender(_ => [IPAddress.Parse("127.0.0.2")], "127.0.0.1/32");
        Assert.StartsWith("refused: 127.0.0.2", (await SendAsync(other, $"http://receiver.test:{receiver.Port}/")).Failure, StringComparison.Ordinal);
        Assert.Equal(0, hidden.Connections);
    }

    [Theory]
    [InlineData(301)]
    [InlineData(302)]
    [InlineData(307)]
    [InlineData(308)]
    public async Task Redirects_are_not_followed(int status)
    {
        await using var target = new Listener();
        await using var receiver = new WebhookReceiver();
        receiver.Answer = _ => (status, "", $"http://127.0.0.1:{target.Port}/");
        using var sender = Sender(_ => [], "127.0.0.1/32");
        var result = await SendAsync(sender, receiver.Url);

        Assert.Equal(status, result.Status);
        Assert.Contains("redirects are not followed", result.Failure, StringComparison.Ordinal);
        Assert.Equal(0, target.Connections);
    }

    [Fact]
    public async Task An_allowed_receiver_gets_a_signed_notice_without_traces_cookies_or_proxy()
    {
        await using var receiver = new WebhookReceiver();
        using var sender = Sender(_ => [], "127.0.0.1/32");
        Assert.Equal(new WebhookResult(200, null), await SendAsync(sender, receiver.Url + "/hook?a=1"));

        var request = Assert.Single(receiver.Received);
        Assert.Equal("/hook?a=1", request.Path);
        Assert.True(StandardVerifier.Accepts(Secret, request.Headers, request.Body, DateTimeOffset.UtcNow));
        Assert.Equal("application/json; charset=utf-8", request.Headers["Content-Type"]);
        Assert.DoesNotContain(request.Headers.Keys, name => name.Equals("traceparent", StringComparison.OrdinalIgnoreCase));
    }

    [Theory]
    [InlineData("standard", 204, "", null)]
    [InlineData("standard", 500, "secret inside", "HTTP 500")]
    [InlineData("standard", 410, "", "HTTP 410")]
    [InlineData("wecom", 200, """{"errcode":0,"errmsg":"ok"}""", null)]
    [InlineData("wecom", 200, """{"errcode":93000,"errmsg":"invalid webhook\nurl"}""", "the robot refuses it: errcode 93000 invalid webhook url")]
    [InlineData("dingtalk", 200, """{"errcode":310000,"errmsg":"sign not match"}""", "the robot refuses it: errcode 310000 sign not match")]
    [InlineData("feishu", 200, """{"code":0,"msg":"success"}""", null)]
    [InlineData("feishu", 200, """{"StatusCode":0,"StatusMessage":"success"}""", null)]
    [InlineData("feishu", 200, """{"code":19021,"msg":"sign match fail"}""", "the robot refuses it: code 19021 sign match fail")]
    [InlineData("feishu", 200, "<html>", "the answer is not a robot's: it is no JSON")]
    [InlineData("feishu", 200, "[]", "the answer is not a robot's: it has neither errcode nor code")]
    public async Task Answers_are_judged(string format, int status, string body, string? failure)
    {
        await using var receiver = new WebhookReceiver();
        receiver.Answer = _ => (status, body, null);
        using var sender = Sender(_ => [], "127.0.0.1/32");
        Assert.Equal(new WebhookResult(status, failure), await SendAsync(sender, receiver.Url, format));
    }

    [Fact]
    public async Task An_answer_without_end_is_not_read_to_its_end()
    {
        await using var receiver = new Listener(endless: true);
        using var sender = Sender(_ => [], "127.0.0.1/32");
        Assert.Equal("the answer is not a robot's: it is no JSON", (await SendAsync(sender, $"http://127.0.0.1:{receiver.Port}/", "wecom")).Failure);
    }

    [Fact]
    public async Task Nobody_there_is_told()
    {
        using var sender = Sender(_ => [], "127.0.0.1/32");
        Assert.Equal("cannot connect: ConnectionRefused", (await SendAsync(sender, $"http://127.0.0.1:{FreePort.Next()}/")).Failure);
        using var lost = Sender(_ => throw new SocketException((int)SocketError.HostNotFound));
        Assert.Equal("cannot connect: HostNotFound", (await SendAsync(lost, "http://receiver.test/")).Failure);
    }

    private static WebhookSender Sender(Func<string, IPAddress[]> resolve, params string[] allowed) => new(new WebhookConnector(
        new WebhookAddresses(Options.Create(new WebhookOptions { AllowedNetworks = allowed })), (host, _) => Task.FromResult(resolve(host))));

    private static Task<WebhookResult> SendAsync(WebhookSender sender, string url, string format = WebhookFormats.Standard) => sender.SendAsync(
        new AlertDelivery
        {
            MessageId = "msg_1",
            Event = AlertEvents.Test,
            Url = url,
            Format = format,
            Secret = format == WebhookFormats.Standard ? Secret : null,
            Notice = AlertNotice.Of(new AlertHistoryEntry
            {
                RuleName = "x",
                RuleType = "lateness",
                Subject = "realname",
                Comparison = ">",
            }).ToJson(),
        },
        DateTimeOffset.UtcNow,
        TestContext.Current.CancellationToken);

    /// <summary>Counts connections; answers without end, or not at all.</summary>
    private sealed class Listener : IAsyncDisposable
    {
        private readonly TcpListener _listener;
        private readonly Task _accepting;
        private int _connections;

        public Listener(IPAddress? address = null, int port = 0, bool endless = false)
        {
            _listener = new TcpListener(address ?? IPAddress.Loopback, port);
            _listener.Start();
            _accepting = AcceptAsync(endless);
        }

        public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

        public int Connections => Volatile.Read(ref _connections);

        public async ValueTask DisposeAsync()
        {
            _listener.Stop();
            await _accepting;
        }

        private async Task AcceptAsync(bool endless)
        {
            try
            {
                while (true)
                {
                    using var client = await _listener.AcceptTcpClientAsync();
                    Interlocked.Increment(ref _connections);
                    await client.GetStream().WriteAsync("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n"u8.ToArray());
                    while (endless)
                    {
                        await client.GetStream().WriteAsync(new byte[1024]);
                    }
                }
            }
            catch (Exception e) when (e is SocketException or ObjectDisposedException)
            {
                // Stopped.
            }
            catch (IOException)
            {
                // The sender has had enough.
            }
        }
    }
}
