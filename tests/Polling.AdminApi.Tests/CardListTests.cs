namespace Polling.AdminApi.Tests;

public sealed class CardListTests(ApiProcess api)
{
    [Fact]
    public async Task Pages_and_reading_on_by_id_show_the_same_cards()
    {
        // Demo cards of one carrier: other tests add cards, but none there.
        const string Filter = "/api/admin/cards?account_id=3&iccid=898603&status=1&real_name_status=0&page_size=6";
        var (_, first) = await api.GetAsync(Filter);
        var (_, second) = await api.GetAsync($"{Filter}&page=2");
        var (_, third) = await api.GetAsync($"{Filter}&page=3");
        var (_, onwards) = await api.GetAsync($"{Filter}&after_id={first.GetProperty("next_after_id")}");

        Assert.Equal((6, 6, 1), (Count(first), Count(second), Count(third)));
        Assert.Equal(13, first.GetProperty("total").GetInt64());
        Assert.Null((string?)third.GetProperty("next_after_id").GetString());
        Assert.Equal(second.GetProperty("items").ToString(), onwards.GetProperty("items").ToString());
        Assert.Null((string?)onwards.GetProperty("total").GetString());

        static int Count(System.Text.Json.JsonElement page) => page.GetProperty("items").GetArrayLength();
    }

    [Fact]
    public async Task A_card_has_its_fields_in_snake_case_and_times_with_offset()
    {
        var (status, body) = await api.GetAsync("/api/admin/cards/1");

        Assert.Equal(200, status);
        var card = body.GetProperty("card");
        Assert.Equal("89860000000000000001", card.GetProperty("iccid").GetString());
        Assert.Equal(1, card.GetProperty("status").GetInt32());
        Assert.EndsWith("+00:00", card.GetProperty("created_at").GetString(), StringComparison.Ordinal);
        Assert.Equal(0, body.GetProperty("polls").GetArrayLength());
    }

    [Theory]
    [InlineData("?page=x", "page", "x", "an integer from 1 to 100000")]
    [InlineData("?page=0", "page", "0", "an integer from 1 to 100000")]
    [InlineData("?page_size=1001", "page_size", "1001", "an integer from 1 to 1000")]
    [InlineData("?page=1001&page_size=100", "page", "1001", "at most 1000 with this page_size; use after_id to read further")]
    [InlineData("?after_id=-1", "after_id", "-1", "an integer from 0 to 699999999")]
    [InlineData("?after_id=1&page=2", "page", "2", "left out when after_id is given")]
    [InlineData("?status=4", "status", "4", "an integer from 0 to 3")]
    [InlineData("?real_name_status=1.5", "real_name_status", "1.5", "an integer from 0 to 1")]
    [InlineData("?carrier_id=99999999999", "carrier_id", "99999999999", "an integer from 1 to 2147483647")]
    [InlineData("?account_id=4096", "account_id", "4096", "an integer from 1 to 4095")]
    [InlineData("?iccid=89%25", "iccid", "89%", "1 to 20 characters, each 0-9 or A-F")]
    [InlineData("?msisdn=abc", "msisdn", "abc", "5 to 20 digits, optionally after +")]
    [InlineData("?status=1&status=2", "status", "1,2", "given once")]
    [InlineData("/abc", "id", "abc", "an integer from 1 to 699999999")]
    [InlineData("/0", "id", "0", "an integer from 1 to 699999999")]
    public async Task A_wrong_parameter_is_named_with_value_and_rule(string path, string field, string value, string rule)
    {
        var (status, body) = await api.GetAsync("/api/admin/cards" + path);

        Assert.Equal(400, status);
        var error = body.GetProperty("errors").EnumerateArray().Single();
        Assert.Equal(
            (field, value, rule),
            (error.GetProperty("field").GetString(), error.GetProperty("value").GetString(), error.GetProperty("rule").GetString()));
    }

    [Theory]
    [InlineData("/api/admin/cards/699999999", 404)]
    [InlineData("/api/admin/nothing", 404)]
    public async Task What_is_not_there_is_a_404_with_a_body(string path, int expected)
    {
        var (status, body) = await api.GetAsync(path);

        Assert.Equal(expected, status);
        Assert.Equal(expected, body.GetProperty("status").GetInt32());
    }
}
