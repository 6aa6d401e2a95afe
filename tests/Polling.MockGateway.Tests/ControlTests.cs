using System.Net;
using Microsoft.Extensions.Options;
using static Polling.MockGateway.Tests.RunningGateway;

namespace Polling.MockGateway.Tests;

public sealed class ControlTests
{
    [Theory]
    [InlineData("""{"latency":{"median_ms":-1}}""", "latency.median_ms", "is -1; it must be a number from 0 to 60000")]
    [InlineData("""{"faults":{"http_500":1.5}}""", "faults.http_500", "is 1.5")]
    [InlineData("""{"faults":{"hang":0.6,"truncated":0.6}}""", "faults.sum", "is 1.2; it must be at most 1")]
    [InlineData("""{"quotas":{"accounts":{"A":0}}}""", "quotas.accounts[A]", "is 0")]
    [InlineData("""{"naming":{"initial_share":"many"}}""", "$.naming.initial_share", "wrong type")]
    [InlineData("""{"faults":{"rubbish_kind":"noise"}}""", "faults.rubbish_kind", "is 'noise'; it must be empty (any), or one of html, empty")]
    [InlineData("""{"faults":{"rubbish":0.6,"wrong_card":0.6}}""", "faults.sum", "is 1.2")]
    [InlineData("""{"access":{"token_seconds":0}}""", "access.token_seconds", "is 0")]
    [InlineData("""{"readings":{"lag_seconds":-1}}""", "readings.lag_seconds", "is -1")]
    [InlineData("""{"readings":{"factor":-1}}""", "readings.factor", "is -1")]
    [InlineData("""{"jobs":{"failed_share":2}}""", "jobs.failed_share", "is 2")]
    [InlineData("""{"pass_through":{"upstream":"localhost:5181"}}""", "pass_through.upstream", "is 'localhost:5181'; it must be empty (none), or an http or https URL")]
    [InlineData("""{"pass_through":{"upstream":"ftp://x"}}""", "pass_through.upstream", "is 'ftp://x'")]
    [InlineData("""{"pass_through":{"accounts":{"A":"http://user:word@x/"}}}""", "pass_through.accounts[A]", "is 'http://user:word@x/'")]
    [InlineData("""{"pass_through":{"accounts":{"A":"http://x/?a=b"}}}""", "pass_through.accounts[A]", "without user, query and fragment")]
    [InlineData("""{"pass_through":{"accounts":{"A":null}}}""", "pass_through.accounts[A]", "is ''")]
    [InlineData("""{"pass_through":{"timeout_seconds":0}}""", "pass_through.timeout_seconds", "is 0; it must be a number from 0.1 to 600")]
    [InlineData("""{"pass_through":{"record_calls":100001}}""", "pass_through.record_calls", "is 100001; it must be a whole number from 0 to 100000")]
    [InlineData("""{"pass_through":{"record_body_bytes":-1}}""", "pass_through.record_body_bytes", "is -1")]
    [InlineData("""{"latenzy":{}}""", "$.latenzy", "not a field known here")]
    [InlineData("null", "$", "JSON object")]
    [InlineData("{", "$", "not JSON")]
    public async Task A_bad_update_names_the_field_and_changes_nothing(string body, string field, string sentence)
    {
        await using var gateway = await StartAsync();
        var before = await gateway.TextAsync("/control/behaviour");
        using var response = await gateway.PutAsync("/control/behaviour", body);

        Assert.Equal((HttpStatusCode.BadRequest, "application/problem+json"), (response.StatusCode, response.Content.Headers.ContentType?.MediaType));
        var problem = (await JsonOf(response));
        Assert.Contains(sentence, (string?)problem["errors"]![field]![0], StringComparison.Ordinal);
        Assert.Equal(before, await gateway.TextAsync("/control/behaviour"));
    }

    [Theory]
    [InlineData("/control/ledger?limit=0", "limit")]
    [InlineData("/control/ledger?since_sequence=-1", "since_sequence")]
    [InlineData("/control/ledger?card=a%20b", "card")]
    [InlineData("/control/ledger/summary?within_seconds=soon", "within_seconds")]
    [InlineData("/control/stops?limit=0", "limit")]
    [InlineData("/control/stops?since_sequence=x", "since_sequence")]
    [InlineData("/control/passed-calls?limit=1001", "limit")]
    [InlineData("/control/passed-calls?since_sequence=x", "since_sequence")]
    [InlineData("/control/ledger?task=usage", "task")]
    [InlineData("/control/ledger/summary?task=", "task")]
    [InlineData("/control/ledger/cards/1?task=Realname", "task")]
    [InlineData("/control/ledger/cards/a%20b", "iccid")]
    public async Task A_bad_query_names_the_parameter(string path, string parameter)
    {
        await using var gateway = await StartAsync();
        using var response = await gateway.TryGetAsync(path);
        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.NotNull((await JsonOf(response))["errors"]![parameter]);
    }

    [Fact]
    public async Task An_update_keeps_what_it_does_not_name()
    {
        await using var gateway = await StartAsync();
        await gateway.BehaveAsync("""{"latency":{"sigma":1},"faults":{"http_429":0.25}}""");
        await gateway.BehaveAsync("""{"latency":{"median_ms":7}}""");
        var now = await gateway.GetAsync("/control/behaviour");
        Assert.Equal((1, 7, 0.25), ((double)now["latency"]!["sigma"]!, (double)now["latency"]!["median_ms"]!, (double)now["faults"]!["http_429"]!));

        using var reset = await gateway.ResetAsync();
        Assert.Equal(0.5, (double)(await gateway.GetAsync("/control/behaviour"))["latency"]!["sigma"]!);
    }

    [Theory]
    [InlineData("MockGateway:UsageStepSeconds", "7", "MockGateway:UsageStepSeconds is 7; it must be 0 (none) or a divisor of 86400")]
    [InlineData("MockGateway:LedgerCapacity", "7", "MockGateway:LedgerCapacity is 7; it must be from 100 to 50000000")]
    [InlineData("MockGateway:Behaviour:PassThrough:Upstream", "carrier", "MockGateway:Behaviour:PassThrough:Upstream is 'carrier'; it must be empty (none), or an http")]
    [InlineData("MockGateway:Behaviour:Faults:Http500", "2", "MockGateway:Behaviour:Faults:Http500 is 2")]
    public async Task A_wrong_setting_keeps_it_from_starting(string key, string value, string expected)
    {
        var failure = await Assert.ThrowsAsync<OptionsValidationException>(() => StartAsync((key, value)));
        Assert.Contains(expected, failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task It_is_healthy_and_alive()
    {
        await using var gateway = await StartAsync();
        Assert.Equal("healthy", (string?)(await gateway.GetAsync("/health"))["status"]);
        Assert.Equal("healthy", (string?)(await gateway.GetAsync("/alive"))["status"]);
    }
}
