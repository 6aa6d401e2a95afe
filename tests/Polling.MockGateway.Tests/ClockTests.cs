using System.Net;
using static Polling.MockGateway.Tests.RunningGateway;

namespace Polling.MockGateway.Tests;

public sealed class ClockTests
{
    [Fact]
    public async Task The_clock_is_moved_forward_and_the_ledger_goes_by_it()
    {
        await using var gateway = await StartAsync();
        Assert.Equal(0, (long)(await gateway.GetAsync("/control/clock"))["offset_seconds"]!);

        var before = TimeProvider.System.GetUtcNow();
        using (var moved = await gateway.PutAsync("/control/clock", """{"offset_seconds":7200}"""))
        {
            Assert.Equal(HttpStatusCode.OK, moved.StatusCode);
            Assert.InRange((DateTimeOffset)(await JsonOf(moved))["now"]!, before.AddHours(2), before.AddHours(2).AddMinutes(1));
        }

        await gateway.AskAsync("A", Iccid(1));
        var call = Assert.Single(await gateway.LedgerAsync());
        Assert.InRange(call.GetProperty("received_at").GetDateTimeOffset(), before.AddHours(2), before.AddHours(2).AddMinutes(1));

        (await gateway.ResetAsync()).Dispose();
        Assert.Equal(7200, (long)(await gateway.GetAsync("/control/clock"))["offset_seconds"]!);
    }

    [Theory]
    [InlineData("""{"offset_seconds":59}""", "is 59; it must be from 60, the present offset, to 315360000")]
    [InlineData("""{"offset_seconds":315360001}""", "is 315360001")]
    [InlineData("""{"offset":1}""", "is missing or no whole number")]
    [InlineData("""{"offset_seconds":"soon"}""", "is missing or no whole number")]
    [InlineData("{}", "is missing or no whole number")]
    public async Task It_goes_neither_back_nor_beyond_ten_years(string body, string sentence)
    {
        await using var gateway = await StartAsync();
        (await gateway.PutAsync("/control/clock", """{"offset_seconds":60}""")).Dispose();
        using var response = await gateway.PutAsync("/control/clock", body);
        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Contains(sentence, (string?)(await JsonOf(response))["errors"]!["offset_seconds"]![0], StringComparison.Ordinal);
        Assert.Equal(60, (long)(await gateway.GetAsync("/control/clock"))["offset_seconds"]!);
    }
}
