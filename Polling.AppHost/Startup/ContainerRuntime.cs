using System.ComponentModel;
using System.Diagnostics;

namespace Polling.AppHost.Startup;

/// <summary>Docker or Podman.</summary>
internal static class ContainerRuntime
{
    /// <summary>Whether a runtime works: the client is asked, since one without an engine is of no use.</summary>
    public static bool IsWorking() => Answers("docker") || Answers("podman");

    private static bool Answers(string client)
    {
        try
        {
            using var process = Process.Start(new ProcessStartInfo(client, "info") { RedirectStandardOutput = true, RedirectStandardError = true });
            process?.OutputDataReceived += static (_, _) => { };
            process?.BeginOutputReadLine();
            process?.BeginErrorReadLine();
            return process is not null && process.WaitForExit(TimeSpan.FromSeconds(10)) && process.ExitCode == 0;
        }
        catch (Win32Exception)
        {
            return false;
        }
    }
}
