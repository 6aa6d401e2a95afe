using System.Runtime.InteropServices;

namespace Polling.Faults.Tests.Harness;

/// <summary>POSIX signals, to processes that the tests started.</summary>
internal static partial class Signals
{
    public const int Terminate = 15;
    public const int Continue = 18;
    public const int Stop = 19;

    public static void Send(int processId, int signal) => Assert.Equal(0, kill(processId, signal));

    [LibraryImport("libc", SetLastError = true)]
    private static partial int kill(int processId, int signal);
}
