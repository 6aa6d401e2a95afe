using System.Net;
using Microsoft.Extensions.Options;
using Polling.Core.Alerts.Webhooks;

namespace Polling.Core.Tests.Alerts;

public sealed class WebhookAddressTests
{
    [Theory]

    // This host and its links.
    [InlineData("0.0.0.0")]
    [InlineData("0.255.255.255")]
    [InlineData("127.0.0.1")]
    [InlineData("127.255.255.254")]
    [InlineData("169.254.0.1")]
    [InlineData("169.254.169.254")]
    [InlineData("::")]
    [InlineData("::1")]
    [InlineData("fe80::1")]
    [InlineData("fe80::1%2")]
    [InlineData("febf:ffff::1")]

    // Private networks.
    [InlineData("10.0.0.1")]
    [InlineData("10.255.255.255")]
    [InlineData("172.16.0.1")]
    [InlineData("172.31.255.255")]
    [InlineData("192.168.0.1")]
    [InlineData("192.168.255.255")]
    [InlineData("100.64.0.1")]
    [InlineData("100.100.100.200")]
    [InlineData("100.127.255.255")]
    [InlineData("fc00::1")]
    [InlineData("fd12:3456:789a::1")]
    [InlineData("fec0::1")]

    // Special, documentation, multicast, reserved, a cloud's own.
    [InlineData("192.0.0.8")]
    [InlineData("192.0.2.1")]
    [InlineData("192.88.99.1")]
    [InlineData("198.18.0.1")]
    [InlineData("198.19.255.255")]
    [InlineData("198.51.100.1")]
    [InlineData("203.0.113.1")]
    [InlineData("224.0.0.1")]
    [InlineData("239.255.255.255")]
    [InlineData("240.0.0.1")]
    [InlineData("255.255.255.255")]
    [InlineData("168.63.129.16")]
    [InlineData("100::1")]
    [InlineData("2001::1")]
    [InlineData("2001:2::1")]
    [InlineData("2001:10::1")]
    [InlineData("2001:db8::1")]
    [InlineData("3fff::1")]
    [InlineData("5f00::1")]
    [InlineData("ff02::1")]
    [InlineData("4000::1")]

    // IPv4 within IPv6.
    [InlineData("::ffff:127.0.0.1")]
    [InlineData("::ffff:10.0.0.1")]
    [InlineData("::ffff:169.254.169.254")]
    [InlineData("::127.0.0.1")]
    [InlineData("::10.0.0.1")]
    [InlineData("::ffff:0:127.0.0.1")]
    [InlineData("64:ff9b::127.0.0.1")]
    [InlineData("64:ff9b::10.0.0.1")]
    [InlineData("64:ff9b::100.64.0.1")]
    [InlineData("64:ff9b:1::8.8.8.8")]
    [InlineData("2002:7f00:1::1")]
    [InlineData("2002:a00:1::1")]
    [InlineData("2001:0:a00:1::1")]
    public void Refused(string address) => Assert.False(Addresses().MayConnect(IPAddress.Parse(address)));

    [Theory]
    [InlineData("1.1.1.1")]
    [InlineData("9.255.255.255")]
    [InlineData("11.0.0.0")]
    [InlineData("100.63.255.255")]
    [InlineData("100.128.0.0")]
    [InlineData("126.255.255.255")]
    [InlineData("128.0.0.0")]
    [InlineData("169.253.255.255")]
    [InlineData("169.255.0.0")]
    [InlineData("172.15.255.255")]
    [InlineData("172.32.0.0")]
    [InlineData("192.167.255.255")]
    [InlineData("192.169.0.0")]
    [InlineData("198.17.255.255")]
    [InlineData("198.20.0.0")]
    [InlineData("223.255.255.255")]
    [InlineData("::ffff:1.1.1.1")]
    [InlineData("64:ff9b::1.1.1.1")]
    [InlineData("2001:4860:4860::8888")]
    [InlineData("2400:3200::1")]
    [InlineData("2606:4700::1111")]
    public void Open(string address) => Assert.True(Addresses().MayConnect(IPAddress.Parse(address)));

    [Fact]
    public void What_the_operator_allowed_is_open_and_its_neighbours_are_not()
    {
        var addresses = Addresses("10.20.0.0/16", "fd00:1::/64");
        Assert.True(addresses.MayConnect(IPAddress.Parse("10.20.255.1")));
        Assert.True(addresses.MayConnect(IPAddress.Parse("::ffff:10.20.0.1")));
        Assert.True(addresses.MayConnect(IPAddress.Parse("fd00:1::9")));
        Assert.False(addresses.MayConnect(IPAddress.Parse("10.21.0.1")));
        Assert.False(addresses.MayConnect(IPAddress.Parse("fd00:1:0:1::9")));
        Assert.False(addresses.MayConnect(IPAddress.Parse("127.0.0.1")));
    }

    [Theory]
    [InlineData("10.0.0.0/8", null)]
    [InlineData("10.0.0.0/33", "Polling:Webhooks:AllowedNetworks has \"10.0.0.0/33\"")]
    [InlineData("loopback", "Polling:Webhooks:AllowedNetworks has \"loopback\"")]
    public void Settings_are_checked_at_the_start(string network, string? problem)
    {
        var results = new WebhookOptions { AllowedNetworks = [network] }.Validate(new(new object())).ToArray();
        Assert.Equal(problem is null ? 0 : 1, results.Length);
        Assert.StartsWith(problem ?? "", results.FirstOrDefault()?.ErrorMessage ?? "", StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("https://hooks.example.com/x", null, null)]
    [InlineData("https://your-webhook-url", null, null)]
    [InlineData("ftp://example.com/", "an absolute http or https URL", null)]
    [InlineData("example.com", "an absolute http or https URL", null)]
    [InlineData("https://exa mple.com/", "an absolute http or https URL", null)]
    [InlineData("https://u:p@example.com/", "without user and password", null)]
    [InlineData("https://example.com:0/", "a URL with a port from 1 to 65535", null)]
    [InlineData("http://localhost/", null, "refused")]
    [InlineData("http://LOCALHOST.:81/", null, "refused")]
    [InlineData("http://api.localhost/", null, "refused")]
    [InlineData("http://127.1/", null, "refused")]
    [InlineData("http://2130706433/", null, "refused")]
    [InlineData("http://0x7f.0.0.1/", null, "refused")]
    [InlineData("http://017700000001/", null, "refused")]
    [InlineData("http://[::1]/", null, "refused")]
    [InlineData("http://[::ffff:a9fe:a9fe]/", null, "refused")]
    [InlineData("http://[fe80::1%25eth0]/", null, "refused")]
    [InlineData("http://169.254.169.254/latest", null, "refused")]
    [InlineData("http://１２７.0.0.1/", null, "refused")]
    public void URLs(string url, string? problem, string? host)
    {
        Assert.Equal(problem, WebhookUrl.Problem(url));
        if (problem is null)
        {
            Assert.Equal(host is null, WebhookUrl.HostProblem(url, Addresses()) is null);
        }
    }

    [Theory]
    [InlineData("https://your-webhook-url", "https://your-webhook-url")]
    [InlineData("https://a.example/x/y", "https://a.example/x/y")]
    [InlineData("https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=693a91f6-7xxx", "https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=***")]
    [InlineData("https://a.example/?a=1&b", "https://a.example/?a=***&b=***")]
    [InlineData("https://open.feishu.cn/open-apis/bot/v2/hook/0123456789abcdef0", "https://open.feishu.cn/open-apis/bot/v2/hook/***")]
    [InlineData("https://a.example/x#key", "https://a.example/x")]
    [InlineData("https://u:p@a.example/x", "https://a.example/x")]
    [InlineData("no url at all", "***")]
    public void Keys_in_URLs_are_masked(string url, string masked) => Assert.Equal(masked, WebhookUrl.Masked(url));

    private static WebhookAddresses Addresses(params string[] allowed) => new(Options.Create(new WebhookOptions { AllowedNetworks = allowed }));
}
