using System.Text;
using Polling.Benchmarks.Pipeline.BareLoad;
using Polling.TestServers;

namespace Polling.Benchmarks.Tests.Pipeline;

public class RespFileTests
{
    [Fact]
    public void Values_are_written_by_their_length_whatever_bytes_they_have()
    {
        var folder = TestFolders.Create("commands");
        try
        {
            var file = new RespFile(Path.Combine(folder, "commands"));
            using (file)
            {
                file.Add("HSET"u8.ToArray(), "polling:card:3"u8.ToArray(), "31"u8.ToArray(), [0, 13, 10, 255]);
                file.Add("PING"u8.ToArray());
            }

            Assert.Equal(2, file.Commands);
            Assert.Equal(
                "*4\r\n$4\r\nHSET\r\n$14\r\npolling:card:3\r\n$2\r\n31\r\n$4\r\n\0\r\n\u00ff\r\n*1\r\n$4\r\nPING\r\n",
                Encoding.Latin1.GetString(File.ReadAllBytes(file.Path)));
        }
        finally
        {
            TestFolders.Remove(folder);
        }
    }
}
