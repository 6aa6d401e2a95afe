using System.Globalization;
using Polling.AppHost.Processes;

namespace Polling.AppHost.LocalServers;

/// <summary>How to run a local PostgreSQL.</summary>
public sealed record LocalPostgresOptions
{
    /// <summary>The TCP port, on 127.0.0.1 only.</summary>
    public required int Port { get; init; }

    /// <summary>The cluster's folder; made when missing. Every folder above it must be open to other users when this is root.</summary>
    public required string DataDirectory { get; init; }

    /// <summary>Whether it waits for the disk; <c>false</c> survives a killed process, but not a lost machine.</summary>
    public bool Durable { get; init; } = true;

    /// <summary>The file that gets its output.</summary>
    public string? OutputFile { get; init; }
}

/// <summary>A PostgreSQL process of this machine, with the user, password and database <c>polling</c>.</summary>
public static class LocalPostgres
{
    private const int Interrupt = 2;
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(20);

    // Pages that are not in here are copied from the kernel at each use; what is never used is never taken. An eighth of the machine, as the rest of the system is on it.
    private static long SharedBuffersMegabytes => Math.Clamp(GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / 8 >> 20, 128, 2048);

    /// <summary>How clients on this machine reach its database.</summary>
    public static string ConnectionString(int port) =>
        $"Host=127.0.0.1;Port={port.ToString(CultureInfo.InvariantCulture)};Username={PostgresCluster.Name};Password={PostgresCluster.Name};Database={PostgresCluster.Name}";

    /// <summary>Where it keeps its data below the system's folder.</summary>
    public static string ClusterDirectory(string systemFolder) => Path.Combine(systemFolder, "postgres");

    /// <summary>What to start, on a cluster that exists.</summary>
    public static ProcessSpec Spec(PostgresBinaries binaries, LocalPostgresOptions options) => new()
    {
        Name = "postgres",
        FileName = binaries.Postgres,
        Arguments =
        [
            "-D", options.DataDirectory, "-p", options.Port.ToString(CultureInfo.InvariantCulture),
            "-c", "listen_addresses=127.0.0.1", "-c", "unix_socket_directories=", "-c", "max_connections=200",
            .. (string[])(options.Durable
                ? ["-c", $"shared_buffers={SharedBuffersMegabytes}MB", "-c", "max_wal_size=4GB", "-c", "checkpoint_timeout=15min"]
                : ["-c", "fsync=off", "-c", "full_page_writes=off"]),
        ],
        WorkingDirectory = options.DataDirectory,
        OutputFile = options.OutputFile,
        User = ProcessUser.Unprivileged,
        StopSignal = Interrupt,
        StopTimeout = TimeSpan.FromSeconds(2),
    };

    /// <summary>Makes a cluster by copying one that is made at the first call: ten times as fast as making it.</summary>
    /// <exception cref="LocalServerException">There is no PostgreSQL, or the folder is not writable.</exception>
    public static Task CopyClusterAsync(string templateFolder, string dataDirectory, CancellationToken cancellationToken) =>
        PostgresCluster.CopyAsync(templateFolder, dataDirectory, cancellationToken);

    /// <summary>Makes the cluster unless it is there, clears what an earlier process left, starts it and waits until it takes connections.</summary>
    /// <exception cref="LocalServerException">There is no PostgreSQL, or it does not start with this data.</exception>
    public static async Task<SupervisedProcess> StartAsync(LocalPostgresOptions options, CancellationToken cancellationToken)
    {
        var binaries = await PostgresCluster.PrepareAsync(options.DataDirectory, cancellationToken);
        var mark = OutputTail.Mark(options.OutputFile);
        var process = SupervisedProcess.Start(Spec(binaries, options));
        try
        {
            while (!PostmasterFile.IsReady(options.DataDirectory))
            {
                if (process.Exited.IsCompleted)
                {
                    throw new LocalServerException(
                        $"PostgreSQL does not start with the data in {options.DataDirectory}: {OutputTail.LastLine(options.OutputFile, mark)}");
                }

                await Task.Delay(Pause, cancellationToken);
            }

            return process;
        }
        catch
        {
            await process.KillAsync();
            throw;
        }
    }
}
