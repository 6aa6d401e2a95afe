using System.Runtime.InteropServices;
using Garnet;

namespace Polling.AppHost.LocalServers;

/// <summary>Garnet in a process of its own, for machines without Redis and Valkey.</summary>
internal static class EmbeddedGarnet
{
    /// <param name="args">Port, data folder, <c>aof</c> or <c>memory</c>.</param>
    public static int Run(string[] args)
    {
        if (args is not [var port, var folder, var mode])
        {
            return 1;
        }

        // RandomAccess: the default device needs libaio of the machine. The size limit takes a checkpoint and cuts the file.
        string[] arguments =
        [
            "--port", port, "--bind", "127.0.0.1", "--lua", "--lua-transaction-mode",
            "--checkpointdir", folder, "--device-type", "RandomAccess", "--logger-level", "Warning",
            .. (string[])(mode == "aof" ? ["--aof", "--recover", "--aof-commit-freq", "1000", "--aof-size-limit", "512m"] : []),
        ];
        using var stop = new ManualResetEventSlim();
        using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, context =>
        {
            context.Cancel = true;
            stop.Set();
        });
        try
        {
            using var server = new GarnetServer(arguments);
            server.Start();
            stop.Wait();
            return 0;
        }
        catch (Exception error)
        {
            Console.Error.WriteLine(error.Message);
            return 1;
        }
    }
}
