using System.Globalization;
using Spectre.Console;

namespace Polling.Benchmarks.Words;

/// <summary>How far a word has come: a bar on a terminal, else a line every tenth; nothing when a program reads the output.</summary>
internal static class WordProgress
{
    private const int Steps = 10;

    /// <summary>Does it.</summary>
    /// <param name="what">What is done.</param>
    /// <param name="total">Of how many.</param>
    /// <param name="silent">Whether a program reads the output.</param>
    /// <param name="workAsync">Given what takes how many are done.</param>
    public static Task RunAsync(string what, long total, bool silent, Func<Action<long>, Task> workAsync)
    {
        if (silent)
        {
            return workAsync(_ => { });
        }

        return TextTable.OnTerminal ? DrawAsync(what, total, workAsync) : workAsync(new Lines(what, total).Report);
    }

    private static Task DrawAsync(string what, long total, Func<Action<long>, Task> workAsync) => AnsiConsole.Progress()
        .Columns(new TaskDescriptionColumn(), new ProgressBarColumn(), new PercentageColumn(), new RemainingTimeColumn(), new SpinnerColumn())
        .StartAsync(context =>
        {
            var task = context.AddTask(what, maxValue: Math.Max(1, total));
            return workAsync(done => task.Value = done);
        });

    private sealed class Lines(string what, long total)
    {
        private int _step = 1;

        public void Report(long done)
        {
            if (done >= total * _step / Steps)
            {
                Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{what}: {done:N0} of {total:N0}"));
                _step = (int)(done * Steps / Math.Max(1, total)) + 1;
            }
        }
    }
}
