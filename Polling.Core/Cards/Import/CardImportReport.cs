namespace Polling.Core.Cards.Import;

/// <summary>The result of an import. <c>Rows = Added + Changed + Unchanged + Duplicates + Refused</c>.</summary>
public sealed class CardImportReport
{
    /// <summary>As many errors and as many warnings are listed; the counts go on.</summary>
    public const int NoticesMax = 1000;

    private readonly List<RowNotice> _errors = [];
    private readonly List<RowNotice> _warnings = [];

    /// <summary>Rows of the file, without header and blank rows.</summary>
    public long Rows { get; internal set; }

    public long Added { get; internal set; }

    public long Changed { get; internal set; }

    public long Unchanged { get; internal set; }

    /// <summary>Rows whose card stands in the file more than once, counted without one of them; the last one's values hold.</summary>
    public long Duplicates { get; internal set; }

    /// <summary>Rows that were not taken; each has one error.</summary>
    public long Refused { get; private set; }

    /// <summary>The first <see cref="NoticesMax"/> errors, in the order of the file.</summary>
    public IReadOnlyList<RowNotice> Errors => _errors;

    public long WarningCount { get; private set; }

    /// <summary>The first <see cref="NoticesMax"/> warnings.</summary>
    public IReadOnlyList<RowNotice> Warnings => _warnings;

    /// <summary>Columns of the file that mean nothing here.</summary>
    public IReadOnlyList<string> IgnoredColumns { get; internal set; } = [];

    /// <summary>Whether some cards could not be scheduled at once; the scheduler's repair does it later.</summary>
    public bool SchedulingDelayed { get; internal set; }

    internal void Refuse(RowNotice error)
    {
        Refused++;
        if (_errors.Count < NoticesMax)
        {
            _errors.Add(error);
        }
    }

    internal void Warn(RowNotice warning)
    {
        WarningCount++;
        if (_warnings.Count < NoticesMax)
        {
            _warnings.Add(warning);
        }
    }
}
