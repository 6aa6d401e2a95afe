using Polling.Benchmarks.Words;

namespace Polling.Benchmarks.Tests.Units;

public class OptionTextTests
{
    [Theory]
    [InlineData("1", 1)]
    [InlineData("1_000", 1_000)]
    [InlineData("250k", 250_000)]
    [InlineData("1M", 1_000_000)]
    [InlineData("10m", 10_000_000)]
    public void Numbers_may_be_short(string text, long number) => Assert.Equal(number, OptionText.Number("--cards", text, 1, 10_000_000));

    [Theory]
    [InlineData("")]
    [InlineData("M")]
    [InlineData("0")]
    [InlineData("-1")]
    [InlineData("1.5")]
    [InlineData("11M")]
    [InlineData("9223372036854775807M")]
    [InlineData("many")]
    public void Others_are_refused_by_name_value_and_rule(string text)
    {
        var refused = Assert.Throws<WordException>(() => OptionText.Number("--cards", text, 1, 10_000_000));
        Assert.Equal($"--cards is '{text}'; it must be an integer from 1 to 10000000 (250k and 1M are understood).", refused.Message);
        Assert.Equal(WordException.WrongInput, refused.ExitCode);
    }

    [Theory]
    [InlineData("localhost:3000")]
    [InlineData("ftp://localhost")]
    [InlineData("")]
    public void An_address_is_one_of_the_web(string text) =>
        Assert.Contains("--api is '" + text, Assert.Throws<WordException>(() => OptionText.Address("--api", text)).Message, StringComparison.Ordinal);
}
