using Polling.Benchmarks.Pipeline;
using Polling.Benchmarks.Words;

namespace Polling.Benchmarks.Tests.Words;

public class RowsTests
{
    [Fact]
    public async Task A_row_that_is_not_there_is_refused_with_those_that_are()
    {
        var (error, before) = (new StringWriter(), Console.Error);
        Console.SetError(error);
        try
        {
            Assert.Equal(WordException.WrongInput, await Kit.RunAsync(["pipeline", "--only", "http,htp"]));
        }
        finally
        {
            Console.SetError(before);
        }

        Assert.Equal(
            $"pipeline: --only: there is no row 'htp'. There are: writer, initialisation, http, executors.{Environment.NewLine}", error.ToString());
        Assert.Equal(["writer", "initialisation", "http", "executors"], PipelineBenchmark.Rows);
    }
}
