using Microsoft.Extensions.Logging;
using Polling.ServiceDefaults.Logs;
using Serilog;

namespace Polling.ServiceDefaults.Tests;

public sealed class LogLineTests
{
    [Theory]
    [InlineData("13812345678", "138****5678")]
    [InlineData("460001234567890", "460********7890")]
    [InlineData("+86 13812345678, 13912345678", "+** 138****5678, 139****5678")]
    [InlineData("1234567", "*******")]
    [InlineData("", "")]
    public void Subscriber_numbers_are_masked(string value, string masked) => Assert.Equal(masked, SubscriberMask.Mask(value));

    [Theory]
    [InlineData("Msisdn", true)]
    [InlineData("imsi", true)]
    [InlineData("card_msisdn", true)]
    [InlineData("Msisdns", true)]
    [InlineData("CardImsis", true)]
    [InlineData("iccid", false)]
    [InlineData("MaxImsize", false)]
    public void Names_decide_what_is_masked(string name, bool applies) => Assert.Equal(applies, SubscriberMask.Applies(name));

    [Fact]
    public void A_line_has_time_level_source_and_message_with_numbers_masked()
    {
        var line = Write(logger => logger.LogInformation("card {Iccid} {Msisdn} {Imsi} of {Count}", "8986001", "13812345678", 460001234567890, 5));
        Assert.Matches(@"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}[+-]\d\d:\d\d info svc\[\d+\] card 8986001 138\*{4}5678 460\*{8}7890 of 5\n$", line);
    }

    [Fact]
    public void Lists_of_numbers_are_masked_too()
    {
        var line = Write(logger => logger.LogInformation("{Msisdns}", (object)new[] { "13812345678", "13912345678" }));
        Assert.DoesNotContain("13812345678", line, StringComparison.Ordinal);
        Assert.Contains("139****5678", line, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(LogLevel.Debug, "debug")]
    [InlineData(LogLevel.Information, "info")]
    [InlineData(LogLevel.Warning, "warning")]
    [InlineData(LogLevel.Error, "error")]
    [InlineData(LogLevel.Critical, "fatal-error")]
    public void Levels_are_words(LogLevel level, string word) =>
        Assert.Equal(word, Write(logger => logger.Log(level, "hello")).Split(' ')[1]);

    [Fact]
    public void A_value_cannot_forge_a_line()
    {
        var line = Write(logger => logger.LogInformation("name {Name}", "x\n2026-01-01 error forged\r\n\u001b[31m"));
        Assert.Equal(1, line.Count(c => c == '\n'));
        Assert.Contains(@"x\n2026-01-01 error forged\r\n?[31m", line, StringComparison.Ordinal);
    }

    [Fact]
    public void An_exception_follows_on_indented_lines()
    {
        var text = Write(logger => logger.LogError(new InvalidOperationException("first\nsecond"), "it failed"));
        var lines = text.TrimEnd('\n').Split('\n');
        Assert.EndsWith("it failed", lines[0], StringComparison.Ordinal);
        Assert.All(lines[1..], line => Assert.StartsWith("    ", line, StringComparison.Ordinal));
    }

    private static string Write(Action<Microsoft.Extensions.Logging.ILogger> write)
    {
        using var text = new StringWriter();
        using (var provider = new CategoryLoggerProvider(
            new LoggerConfiguration().MinimumLevel.Verbose().WriteTo.Sink(new TextSink(text)).CreateLogger(), static _ => true))
        {
            write(provider.CreateLogger("test"));
        }

        return text.ToString();
    }

    private sealed class TextSink(TextWriter output) : Serilog.Core.ILogEventSink
    {
        private readonly LogLineFormatter _formatter = new("svc");

        public void Emit(Serilog.Events.LogEvent logEvent) => _formatter.Format(logEvent, output);
    }
}
