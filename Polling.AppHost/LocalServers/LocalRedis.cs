using System.Globalization;
using System.Net.Sockets;
using Polling.AppHost.Processes;

namespace Polling.AppHost.LocalServers;

/// <summary>How to run a local Redis.</summary>
public sealed record LocalRedisOptions
{
    /// <summary>The program to run.</summary>
    public required RedisEngine Engine { get; init; }

    /// <summary>The TCP port, on 127.0.0.1 only.</summary>
    public required int Port { get; init; }

    /// <summary>Where its data lies; made when missing.</summary>
    public required string DataDirectory { get; init; }

    /// <summary>Whether every write goes to an append-only file, synced each second; else nothing outlives the process.</summary>
    public bool AppendOnly { get; init; } = true;

    /// <summary>The file that gets its output.</summary>
    public string? OutputFile { get; init; }

    /// <summary>More arguments of <c>redis-server</c>, as <c>--name value</c>; Garnet takes none.</summary>
    public IReadOnlyList<string> MoreArguments { get; init; } = [];
}

/// <summary>A Redis, Valkey or Garnet process of this machine: no password, nothing is ever evicted.</summary>
public static class LocalRedis
{
    private static readonly TimeSpan StopTimeout = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(10);

    /// <summary>How clients on this machine reach it.</summary>
    public static string ConnectionString(int port) => $"127.0.0.1:{port.ToString(CultureInfo.InvariantCulture)}";

    /// <summary>Where an engine keeps its data below the system's folder: each in its own, as they cannot read each other's files.</summary>
    public static string DataDirectory(string systemFolder, RedisEngine engine) =>
        Path.Combine(systemFolder, engine == RedisEngine.Garnet ? "garnet" : engine == RedisEngine.Valkey ? "valkey" : "redis");

    /// <summary>What to start.</summary>
    /// <exception cref="LocalServerException">The engine is not on this machine.</exception>
    public static ProcessSpec Spec(LocalRedisOptions options)
    {
        Directory.CreateDirectory(options.DataDirectory);
        var port = options.Port.ToString(CultureInfo.InvariantCulture);
        if (options.Engine == RedisEngine.Garnet)
        {
            var (dotnet, arguments) = Words.Command(Words.Garnet, port, options.DataDirectory, options.AppendOnly ? "aof" : "memory");
            return new ProcessSpec { Name = "redis", FileName = dotnet, Arguments = arguments, OutputFile = options.OutputFile, StopTimeout = StopTimeout };
        }

        return new ProcessSpec
        {
            Name = "redis",
            FileName = RedisEngines.Program(options.Engine) ?? throw new LocalServerException(
                $"{options.Engine} is not on this machine: install it, or use one of {string.Join(", ", RedisEngines.Found)}"),
            Arguments =
            [
                "--port", port, "--bind", "127.0.0.1", "--dir", options.DataDirectory, "--daemonize", "no", "--save", "",
                "--appendonly", options.AppendOnly ? "yes" : "no", "--appendfsync", "everysec", "--maxmemory-policy", "noeviction",
                .. options.MoreArguments,
            ],
            OutputFile = options.OutputFile,
            StopTimeout = StopTimeout,
        };
    }

    /// <summary>Starts it and waits until it answers.</summary>
    /// <exception cref="LocalServerException">It is not on this machine, or ended before it answered.</exception>
    public static async Task<SupervisedProcess> StartAsync(LocalRedisOptions options, CancellationToken cancellationToken)
    {
        var mark = OutputTail.Mark(options.OutputFile);
        var process = SupervisedProcess.Start(Spec(options));
        try
        {
            while (!await AnswersAsync(options.Port, cancellationToken))
            {
                if (process.Exited.IsCompleted)
                {
                    throw new LocalServerException(
                        $"{options.Engine} ended with code {await process.Exited} instead of starting: {OutputTail.LastLine(options.OutputFile, mark)}");
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

    /// <summary>Whether a Redis on this port of 127.0.0.1 answers a PING; not while it still loads its data.</summary>
    public static async Task<bool> AnswersAsync(int port, CancellationToken cancellationToken)
    {
        try
        {
            using var client = new TcpClient();
            await client.ConnectAsync("127.0.0.1", port, cancellationToken);
            var stream = client.GetStream();
            await stream.WriteAsync("*1\r\n$4\r\nPING\r\n"u8.ToArray(), cancellationToken);
            var answer = new byte[1];
            return await stream.ReadAsync(answer, cancellationToken) == 1 && answer[0] == '+';
        }
        catch (Exception error) when (error is SocketException or IOException)
        {
            return false;
        }
    }
}
