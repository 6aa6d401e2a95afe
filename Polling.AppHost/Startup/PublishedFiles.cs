using Microsoft.Extensions.Configuration;

namespace Polling.AppHost.Startup;

/// <summary>What publishing has written.</summary>
internal static class PublishedFiles
{
    /// <summary>Lets nobody but its owner read the <c>.env</c> that was published: passwords are entered there.</summary>
    public static void Protect(string[] args)
    {
        if (!OperatingSystem.IsWindows()
            && new ConfigurationBuilder().AddCommandLine(args).Build()["output-path"] is { Length: > 0 } folder
            && Path.Combine(folder, ".env") is var file && File.Exists(file))
        {
            File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        }
    }
}
