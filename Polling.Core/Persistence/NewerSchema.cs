namespace Polling.Core.Persistence;

/// <summary>
/// Whether this build may start on a database that a later one has migrated. During a rollout both run side by side, so a process of the older that is
/// started again must come up, if the migration only added something; on any other it would read or write wrongly.
/// </summary>
/// <remarks>
/// A migration that only adds what older builds need not know (a table, a nullable column or one with a default, an index) is named <c>Expand…</c>. One that
/// takes away or changes what the release before still uses has any other name, and comes a release later than the code that does without. The names are all
/// that an older build can see of it. A process that runs already is not stopped.
/// </remarks>
internal static class NewerSchema
{
    private const string Compatible = "Expand";

    // "20261123083047_Initial"
    private const int NameAt = 15;

    /// <exception cref="InvalidOperationException">The database has a migration that this build neither knows nor may pass over; the message says what to do.</exception>
    public static void Refuse(IEnumerable<string> applied, IReadOnlyCollection<string> known)
    {
        if (applied.Except(known).FirstOrDefault(IsIncompatible) is { } newer)
        {
            throw new InvalidOperationException(
                $"the database was migrated by a newer version (migration {newer}, which this build does not know and may not pass over): "
                + "start that version, or restore the backup that was made before the upgrade (docs/deployment.md, Upgrade)");
        }
    }

    private static bool IsIncompatible(string migration) =>
        migration.Length <= NameAt || !migration.AsSpan(NameAt).StartsWith(Compatible, StringComparison.Ordinal);
}
