using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Polling.AppHost.Tests;

/// <summary>A start that cannot succeed: one line that says what and how to mend it, exit code not 0, nothing left running.</summary>
public sealed class TroubleTests : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("Polling:ApiPort", "RedisPort", "the admin API")]
    [InlineData("Polling:RedisPort", "ApiPort", "Redis")]
    [InlineData("Polling:PostgresPort", "ApiPort", "PostgreSQL")]
    public async Task A_taken_port_is_named_with_its_holder_and_option(string option, string other, string what)
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var port = ((IPEndPoint)listener.LocalEndpoint).Port.ToString(CultureInfo.InvariantCulture);
        Assert.NotEqual(option, other);

        var line = await FailAsync(options => options[option] = port);

        Assert.Contains($"port {port} for {what} is taken by ", line, StringComparison.Ordinal);
        Assert.Contains($"(process {Environment.ProcessId})", line, StringComparison.Ordinal);
        Assert.Contains($"--{option}=PORT", line, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Polling:ApiPort", "x", "Polling:ApiPort is 'x': it must be a whole number from 0 to 65535")]
    [InlineData("Polling:Executors", "0", "Polling:Executors is '0': it must be a whole number from 1 to 64")]
    [InlineData("Polling:DemoCards", "-1", "Polling:DemoCards is '-1': it must be a whole number from 0 to 10000000")]
    [InlineData("Polling:ApPort", "3000", "Polling:ApPort is not an option: did you mean Polling:ApiPort?")]
    public async Task A_wrong_option_is_named_with_what_would_be_right(string option, string value, string expected) =>
        Assert.Contains(expected, await FailAsync(options => options[option] = value), StringComparison.Ordinal);

    [Fact]
    public async Task Two_servers_on_one_port_are_refused()
    {
        var line = await FailAsync(options => options["Polling:RedisPort"] = options["Polling:ApiPort"]);

        Assert.Contains("Polling:RedisPort and Polling:ApiPort are both", line, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Polling:DataDirectory")]
    [InlineData("Polling:LogDirectory")]
    public async Task A_folder_that_cannot_be_written_to_is_named(string option)
    {
        // A file stands where the folder should be: that stops root as well.
        var path = _folder.File("file");
        await File.WriteAllTextAsync(path, "", TestContext.Current.CancellationToken);

        var line = await FailAsync(options => options[option] = path);

        Assert.Contains($"{path} cannot be written to", line, StringComparison.Ordinal);
        Assert.Contains($"--{option}", line, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_folder_that_is_no_cluster_is_refused()
    {
        var cluster = Directory.CreateDirectory(Path.Combine(_folder.File("data"), "postgres")).FullName;
        await File.WriteAllTextAsync(Path.Combine(cluster, "something"), "else", TestContext.Current.CancellationToken);

        var line = await FailAsync(_ => { });

        Assert.Contains($"{cluster} is not a PostgreSQL cluster, or a damaged one", line, StringComparison.Ordinal);
        Assert.True(File.Exists(Path.Combine(cluster, "something")));
    }

    [Fact]
    public async Task A_damaged_cluster_is_refused_with_what_PostgreSQL_says()
    {
        var options = SystemProcess.Options(_folder);
        await using (var whole = SystemProcess.Start(_folder, options))
        {
            await whole.ReadToAsync("  postgres ", Patience);
            whole.Signal(SystemProcess.SigTerm);
            await whole.ExitAsync(Patience);
        }

        var control = Path.Combine(_folder.File("data"), "postgres", "global", "pg_control");
        await File.WriteAllTextAsync(control, "rubbish", TestContext.Current.CancellationToken);

        var line = await FailAsync(_ => { });

        Assert.Contains("PostgreSQL does not start with the data in", line, StringComparison.Ordinal);
        Assert.Contains("pg_control", line, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_second_system_on_the_same_data_is_refused()
    {
        await using var first = SystemProcess.Start(_folder);
        await first.ReadToAsync("starting", Patience);

        await using var second = SystemProcess.Start(_folder, SystemProcess.Options(_folder));
        var line = await second.ReadToAsync("does not start", Patience);

        Assert.NotEqual(0, await second.ExitAsync(Patience));
        Assert.Contains($"another system (process {first.Pid}) runs on the data in", line, StringComparison.Ordinal);
    }

    private async Task<string> FailAsync(Action<Dictionary<string, string>> change)
    {
        var options = SystemProcess.Options(_folder);
        change(options);
        await using var system = SystemProcess.Start(_folder, options);
        var line = await system.ReadToAsync("The polling system does not start: ", Patience);
        Assert.Equal(1, await system.ExitAsync(Patience));
        Assert.Empty(await Leftovers.WaitUntilGoneAsync(_folder.Path, TimeSpan.FromSeconds(2)));
        return line;
    }
}
