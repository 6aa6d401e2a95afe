using System.Text;
using Serilog.Core;
using Serilog.Events;
using Serilog.Formatting;

namespace Polling.ServiceDefaults.Logs;

/// <summary>
/// A log file that several processes share. Each event is one appending write, so its lines stay whole; the current file keeps its
/// name when it rotates (see <see cref="LogRotation"/>).
/// </summary>
/// <remarks>
/// That the file was rotated by another process, or moved or deleted by an operator, shows before each write: the file of that name
/// is gone, or shorter than the one that is open (a rotated file is never shorter than the limit). Then it is opened again. A full
/// disk never stops the service: lines that cannot be written are counted, and the count is written as soon as that works again.
/// </remarks>
internal sealed class SharedLogFile : ILogEventSink, IDisposable
{
    private readonly Lock _gate = new();
    private readonly string _path;
    private readonly ITextFormatter _formatter;
    private readonly LogRotation _rotation;
    private readonly StringBuilder _text = new();
    private readonly StringWriter _writer;
    private AppendOnlyFile? _file;
    private long _unwritten;
    private byte[] _bytes = new byte[4096];

    /// <exception cref="IOException">The file cannot be opened.</exception>
    /// <exception cref="UnauthorizedAccessException">The file may not be written to.</exception>
    public SharedLogFile(string path, ITextFormatter formatter, LogRotation rotation)
    {
        _path = path;
        _formatter = formatter;
        _rotation = rotation;
        _writer = new StringWriter(_text, System.Globalization.CultureInfo.InvariantCulture);
        _file = AppendOnlyFile.Open(path);
    }

    public void Emit(LogEvent logEvent)
    {
        lock (_gate)
        {
            try
            {
                _text.Clear();
                _formatter.Format(logEvent, _writer);
                Write();
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
            {
                _unwritten++;
            }
        }
    }

    public void Dispose()
    {
        lock (_gate)
        {
            _file?.Dispose();
            _file = null;
            _writer.Dispose();
        }
    }

    private void Write()
    {
        if (_unwritten > 0)
        {
            _text.Insert(0, $"(before this, {_unwritten} log lines could not be written: look for a full disk)\n");
        }

        var file = Current();
        file.Append(Encode());
        _unwritten = 0;
        if (_rotation.IsDue(file.Length))
        {
            // The next line may be long in coming; whoever greps the log meanwhile finds a file.
            _rotation.TryRotate();
            Current();
        }
    }

    private AppendOnlyFile Current()
    {
        if (_file is { } open)
        {
            var length = open.Length; // Before the other's: both may be the same file, which only grows.
            var named = new FileInfo(_path);
            if (named.Exists && named.Length >= length)
            {
                return open;
            }

            open.Dispose();
            _file = null;
        }

        return _file = AppendOnlyFile.Open(_path);
    }

    private ReadOnlySpan<byte> Encode()
    {
        var chars = _text.Length;
        if (_bytes.Length < Encoding.UTF8.GetMaxByteCount(chars))
        {
            _bytes = new byte[Encoding.UTF8.GetMaxByteCount(chars)];
        }

        var count = Encoding.UTF8.GetBytes(_text.ToString(), _bytes);
        return _bytes.AsSpan(0, count);
    }
}
