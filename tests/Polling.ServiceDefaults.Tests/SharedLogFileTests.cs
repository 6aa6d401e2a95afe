using System.Globalization;
using System.Text.RegularExpressions;
using Polling.ServiceDefaults.Logs;
using Serilog;
using Serilog.Core;

namespace Polling.ServiceDefaults.Tests;

public sealed partial class SharedLogFileTests
{
    [Fact]
    public async Task Four_processes_write_one_rotating_file_and_every_line_is_whole_and_there()
    {
        const int writers = 4;
        const int lines = 5_000;
        using var folder = new TemporaryFolder();
        var processes = Enumerable.Range(0, writers).Select(writer => TestServiceProcess.Start(
            folder.Path,
            ("Lines", $"{lines}"),
            ("Writer", $"{writer}"),
            ("Polling__LogFile__MaxMegabytes", "1"),
            ("Polling__LogFile__KeptFiles", "1000"))).ToList();
        try
        {
            foreach (var process in processes)
            {
                var (exitCode, _, errors) = await process.EndAsync();
                Assert.Equal((0, ""), (exitCode, errors));
            }
        }
        finally
        {
            processes.ForEach(process => process.Dispose());
        }

        var files = Directory.GetFiles(folder.File("logs"), "*.log");
        Assert.Contains(folder.File("logs/shared.log"), files);
        Assert.True(files.Length >= 4, $"20,000 lines of about 250 bytes should have been rotated more often than to {files.Length} files");
        var seen = new HashSet<(int Writer, int Line)>();
        foreach (var line in files.SelectMany(File.ReadLines).Where(line => !line.Contains(" Up at ", StringComparison.Ordinal)))
        {
            var match = WholeLine().Match(line);
            Assert.True(match.Success, $"a broken line: '{line}'");
            var number = int.Parse(match.Groups["line"].ValueSpan, CultureInfo.InvariantCulture);
            Assert.Equal(number % 300, match.Groups["filler"].Length);
            Assert.True(seen.Add((int.Parse(match.Groups["writer"].ValueSpan, CultureInfo.InvariantCulture), number)), $"twice: '{line}'");
        }

        Assert.Equal(writers * lines, seen.Count);
    }

    [Fact]
    public void Right_after_a_rotation_there_is_a_current_file()
    {
        using var folder = new TemporaryFolder();
        using var logger = Logger(folder.File("a.log"), maxBytes: 1_000, keptFiles: 3);
        logger.Information("{Filler}", new string('x', 1_000));

        Assert.Equal(2, Directory.GetFiles(folder.Path, "*.log").Length);
        Assert.Empty(File.ReadAllText(folder.File("a.log")));
    }

    [Fact]
    public void The_current_file_keeps_its_name_and_only_the_newest_rotated_ones_are_kept()
    {
        using var folder = new TemporaryFolder();
        using (var logger = Logger(folder.File("a.log"), maxBytes: 1_000, keptFiles: 3))
        {
            for (var i = 0; i < 200; i++)
            {
                logger.Information("line {I}", i);
            }
        }

        File.WriteAllText(folder.File("a-readme.log"), "not ours");
        var rotated = Directory.GetFiles(folder.Path, "a-2*.log").Order(StringComparer.Ordinal).ToList();
        Assert.Equal(3, rotated.Count);
        var kept = rotated.Append(folder.File("a.log")).Where(File.Exists).SelectMany(File.ReadLines).ToList();
        Assert.EndsWith("line 199", kept[^1], StringComparison.Ordinal);
        Assert.Equal(kept.Count, kept.Select(line => line[line.LastIndexOf(' ')..]).Distinct().Count());
    }

    [Fact]
    public void A_file_that_an_operator_moved_or_deleted_is_made_anew()
    {
        using var folder = new TemporaryFolder();
        using var logger = Logger(folder.File("a.log"));
        logger.Information("first");
        File.Move(folder.File("a.log"), folder.File("mine.txt"));
        logger.Information("second");
        File.Delete(folder.File("a.log"));
        logger.Information("third");

        Assert.EndsWith("first", Assert.Single(File.ReadAllLines(folder.File("mine.txt"))), StringComparison.Ordinal);
        Assert.EndsWith("third", Assert.Single(File.ReadAllLines(folder.File("a.log"))), StringComparison.Ordinal);
    }

    [Fact]
    public void A_write_that_fails_stops_nothing_and_is_reported_once_it_works_again()
    {
        using var folder = new TemporaryFolder();
        using var logger = Logger(folder.File("sub/a.log"));
        Directory.Delete(folder.File("sub"), recursive: true);
        logger.Information("lost 1");
        logger.Information("lost 2");
        Directory.CreateDirectory(folder.File("sub"));
        logger.Information("back");

        var lines = File.ReadAllLines(folder.File("sub/a.log"));
        Assert.Contains("2 log lines could not be written", lines[0], StringComparison.Ordinal);
        Assert.EndsWith("back", lines[1], StringComparison.Ordinal);
    }

    private static Logger Logger(string path, long maxBytes = 1 << 20, int keptFiles = 5)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        var rotation = new LogRotation(path, maxBytes, keptFiles, TimeProvider.System);
        return new LoggerConfiguration().WriteTo.Sink(new SharedLogFile(path, new LogLineFormatter("test"), rotation)).CreateLogger();
    }

    [GeneratedRegex(@"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}[+-]\d\d:\d\d info service-defaults-test-service\[\d+\] writer=(?<writer>\d+) line=(?<line>\d+) 实名检查完成 (?<filler>x*) end$")]
    private static partial Regex WholeLine();
}
