namespace Polling.Benchmarks.Words;

/// <summary>Ends a word with one line on the error output.</summary>
/// <param name="message">For a person: what is wrong, its value, and what would be right.</param>
/// <param name="exitCode"><see cref="WrongInput"/> or <see cref="Failed"/>.</param>
internal sealed class WordException(string message, int exitCode = WordException.WrongInput) : Exception(message)
{
    /// <summary>It was asked well, and did not work.</summary>
    public const int Failed = 1;

    /// <summary>It was asked wrongly.</summary>
    public const int WrongInput = 2;

    public int ExitCode => exitCode;
}
