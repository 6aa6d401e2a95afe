using System.Diagnostics;
using System.Globalization;

namespace Polling.AppHost.Processes;

/// <summary>A user of this machine that a program may be run as.</summary>
/// <param name="Name">The user's name.</param>
/// <param name="UserId">The user's number.</param>
/// <param name="GroupId">The number of the user's own group.</param>
public sealed record ProcessUser(string Name, int UserId, int GroupId)
{
    /// <summary>
    /// The user for programs that refuse to run as root (PostgreSQL): <c>null</c>, the present one, unless this is root;
    /// else <c>postgres</c> where the machine has it, else <c>nobody</c>.
    /// </summary>
    public static ProcessUser? Unprivileged => LazyUnprivileged.Value;

    private static readonly Lazy<ProcessUser?> LazyUnprivileged = new(() =>
        !Posix.IsRoot ? null : Find("postgres") ?? Find("nobody") ?? throw new LocalServers.LocalServerException(
            "PostgreSQL refuses to run as root and this machine has neither a user 'postgres' nor 'nobody': start the system as another user"));

    /// <summary>Gives a file or folder to this user.</summary>
    public void TakeOver(string path) => Posix.ChangeOwner(path, UserId, GroupId);

    private static ProcessUser? Find(string name) =>
        Ask("-u", name) is { } user && Ask("-g", name) is { } group ? new ProcessUser(name, user, group) : null;

    private static int? Ask(string option, string name)
    {
        using var id = Process.Start(new ProcessStartInfo("id", [option, name])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        });
        var answer = id?.StandardOutput.ReadToEnd().Trim();
        return int.TryParse(answer, CultureInfo.InvariantCulture, out var number) ? number : null;
    }
}
