namespace Polling.ServiceDefaults;

/// <summary>
/// Something the operator has to change before the process can start. The message is the one line that
/// <see cref="StartupGuard"/> prints, so it names the setting, its value and what would be right.
/// </summary>
public sealed class StartupException : Exception
{
    public StartupException()
    {
    }

    public StartupException(string message)
        : base(message)
    {
    }

    public StartupException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
