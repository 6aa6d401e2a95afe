namespace Polling.AppHost.LocalServers;

/// <summary>A local server cannot be had. The message is one line that says why and how to mend it.</summary>
public sealed class LocalServerException(string message, Exception? inner = null) : Exception(message, inner);
