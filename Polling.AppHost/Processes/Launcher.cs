using System.Globalization;

namespace Polling.AppHost.Processes;

/// <summary>
/// The last step before a child: a session of its own, its output into a file, another user, and then exec, so that the
/// child keeps the launcher's process id.
/// </summary>
/// <remarks>
/// It waits for one byte on standard input before exec. The starter sends it once the watchdog knows of the process id;
/// if the starter dies before, the input ends and the launcher goes away: at no moment can a child outlive both.
/// </remarks>
internal static class Launcher
{
    private const int CannotExecute = 127;

    public static IReadOnlyList<string> Arguments(ProcessSpec spec) =>
    [
        spec.OutputFile ?? "/dev/null",
        (spec.User?.UserId ?? -1).ToString(CultureInfo.InvariantCulture),
        (spec.User?.GroupId ?? -1).ToString(CultureInfo.InvariantCulture),
        spec.FileName,
        .. spec.Arguments,
    ];

    public static int Run(string[] args)
    {
        if (args is not [var output, var user, var group, var fileName, .. var rest])
        {
            return CannotExecute;
        }

        try
        {
            Posix.StartSession();
            using (var gate = Console.OpenStandardInput())
            {
                if (gate.ReadByte() < 0)
                {
                    return CannotExecute;
                }
            }

            using var input = File.OpenHandle("/dev/null");
            using var log = new FileStream(output, FileMode.Append, FileAccess.Write, FileShare.ReadWrite);
            Posix.Redirect(input, 0);
            Posix.Redirect(log.SafeFileHandle, 1);
            Posix.Redirect(log.SafeFileHandle, 2);
            if (int.Parse(user, CultureInfo.InvariantCulture) is >= 0 and var userId)
            {
                Posix.BecomeUser(userId, int.Parse(group, CultureInfo.InvariantCulture));
            }

            Posix.ResetSignals();
            Posix.Execute(fileName, rest);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or InvalidOperationException)
        {
            Console.Error.WriteLine(error.Message);
        }

        return CannotExecute;
    }
}
