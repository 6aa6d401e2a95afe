namespace Polling.AppHost.Startup;

/// <summary>The system cannot start. The message is one line that says what is wrong and what to change.</summary>
public sealed class StartException(string message, Exception? inner = null) : Exception(message, inner);
