namespace Polling.ServiceDefaults;

/// <summary>Looked at by <see cref="StartupGuard"/>, in the order of registration, before anything else of a service begins: before it connects to anything.</summary>
internal interface IStartupCheck
{
    /// <exception cref="StartupException">The service must not start.</exception>
    Task CheckAsync();
}
