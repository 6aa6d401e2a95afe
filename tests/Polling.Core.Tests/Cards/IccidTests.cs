using Polling.Core.Cards;

namespace Polling.Core.Tests.Cards;

public sealed class IccidTests
{
    [Theory]
    [InlineData("8986000000000000001", "8986000000000000001")]
    [InlineData(" 89860000000000000001 ", "89860000000000000001")]
    [InlineData("8986062190003456789a", "8986062190003456789A")]
    public void Takes_19_or_20_characters_in_upper_case(string text, string expected)
    {
        Assert.True(Iccid.TryParse(text, out var iccid));
        Assert.Equal(expected, iccid.Value);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("898600000000000000")]
    [InlineData("898600000000000000012")]
    [InlineData("8986000000000000000G")]
    [InlineData("8986000000000000000１")]
    [InlineData("8986 000000000000001")]
    public void Refuses_what_is_not_an_iccid(string? text) => Assert.False(Iccid.TryParse(text, out _));

    [Fact]
    public void Names_value_and_rule_when_it_refuses()
    {
        var error = Assert.Throws<FormatException>(() => Iccid.Parse("12345"));
        Assert.Equal("iccid \"12345\" is not 19 or 20 characters, each 0-9 or A-F", error.Message);
    }

    [Theory]
    [InlineData("89860000000000000001", true)]
    [InlineData("89860000000000000002", false)]
    [InlineData("8986000000000000000A", null)]
    public void Knows_whether_the_check_digit_is_right(string text, bool? expected) =>
        Assert.Equal(expected, Iccid.Parse(text).HasValidCheckDigit);

    // The first is the example that most references use.
    [Theory]
    [InlineData("7992739871", '3')]
    [InlineData("1234567890123", '7')]
    [InlineData("0", '0')]
    public void Luhn_check_digits(string payload, char expected)
    {
        Assert.Equal(expected, Luhn.CheckDigit(payload));
        Assert.True(Luhn.IsValid(payload + expected));
        Assert.False(Luhn.IsValid(payload + (char)(expected == '9' ? '0' : expected + 1)));
    }

    [Theory]
    [InlineData("+8610648000001", "8610648000001")]
    [InlineData("10648", "10648")]
    [InlineData("1064", null)]
    [InlineData("123456789012345678901", null)]
    [InlineData("1064-800", null)]
    public void Msisdn(string text, string? expected) => Assert.Equal(expected, CardNumbers.Msisdn(text));

    [Theory]
    [InlineData("460001234567890", "460001234567890")]
    [InlineData("46000123456789", "46000123456789")]
    [InlineData("4600012345678", null)]
    [InlineData("4600012345678901", null)]
    public void Imsi(string text, string? expected) => Assert.Equal(expected, CardNumbers.Imsi(text));
}
