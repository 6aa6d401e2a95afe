using System.Globalization;
using System.Text;
using Serilog.Events;
using Serilog.Formatting;
using Serilog.Parsing;

namespace Polling.ServiceDefaults.Logs;

/// <summary>
/// One event as a line:
/// <code>2025-03-01T08:00:00.123+08:00 info executor[4711] trace=4bf92f35… 实名检查完成 …</code>
/// A line break inside a message is written as <c>\n</c>, so a value cannot forge a line; an exception follows on indented lines of
/// the same write.
/// </summary>
internal sealed class LogLineFormatter(string serviceName) : ITextFormatter
{
    private readonly string _source = string.Create(CultureInfo.InvariantCulture, $"{serviceName}[{Environment.ProcessId}]");

    public void Format(LogEvent logEvent, TextWriter output)
    {
        output.Write(logEvent.Timestamp.ToString("yyyy-MM-dd'T'HH:mm:ss.fffzzz", CultureInfo.InvariantCulture));
        output.Write(' ');
        output.Write(Word(logEvent.Level));
        output.Write(' ');
        output.Write(_source);
        output.Write(' ');
        if (logEvent.TraceId is { } trace)
        {
            output.Write("trace=");
            output.Write(trace.ToHexString());
            output.Write(' ');
        }

        output.Write(OneLine(Render(logEvent)));
        output.Write('\n');
        if (logEvent.Exception is { } exception)
        {
            WriteIndented(exception.ToString(), output);
        }
    }

    /// <summary>Operators look for trouble with <c>grep -i error</c>, so what is worse than an error contains the word too.</summary>
    private static string Word(LogEventLevel level) => level switch
    {
        LogEventLevel.Verbose => "trace",
        LogEventLevel.Debug => "debug",
        LogEventLevel.Information => "info",
        LogEventLevel.Warning => "warning",
        LogEventLevel.Error => "error",
        _ => "fatal-error",
    };

    private static string Render(LogEvent logEvent)
    {
        var text = new StringBuilder();
        using var writer = new StringWriter(text, CultureInfo.InvariantCulture);
        foreach (var token in logEvent.MessageTemplate.Tokens)
        {
            if (token is PropertyToken property && logEvent.Properties.TryGetValue(property.PropertyName, out var value))
            {
                writer.Write(RenderValue(property, value));
            }
            else
            {
                token.Render(logEvent.Properties, writer, CultureInfo.InvariantCulture);
            }
        }

        return text.ToString();
    }

    private static string RenderValue(PropertyToken token, LogEventPropertyValue value)
    {
        // A string goes in as it is, without the quotes that the library puts around it.
        var text = value is ScalarValue { Value: string literal }
            ? literal
            : value.ToString(token.Format, CultureInfo.InvariantCulture);
        return SubscriberMask.Applies(token.PropertyName) ? SubscriberMask.Mask(text) : text;
    }

    private static string OneLine(string message) => message.AsSpan().IndexOfAnyInRange('\0', '\x1f') < 0
        ? message
        : string.Concat(message.Select(static c => c switch
        {
            '\n' => "\\n",
            '\r' => "\\r",
            '\t' => "\\t",
            < ' ' => "?",
            _ => c.ToString(),
        }));

    private static void WriteIndented(string text, TextWriter output)
    {
        foreach (var line in text.AsSpan().EnumerateLines())
        {
            output.Write("    ");
            output.Write(line);
            output.Write('\n');
        }
    }
}
