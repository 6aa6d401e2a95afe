using System.Globalization;

namespace Polling.Core.Carriers;

/// <summary>A time of each day in which an account sends nothing, by the clock of its time zone.</summary>
/// <param name="Start">First minute.</param>
/// <param name="End">The minute that no longer belongs to it; before <paramref name="Start"/> when the window crosses midnight.</param>
public readonly record struct MaintenanceWindow(TimeOnly Start, TimeOnly End)
{
    /// <summary>How a window is written, in words.</summary>
    public const string Rule = "\"HH:mm-HH:mm\", such as \"02:00-04:30\" or, across midnight, \"23:30-00:30\", its start and end different";

    private const string Format = "HH:mm";

    /// <summary>Reads a window.</summary>
    /// <returns>False when the text is not as <see cref="Rule"/> says.</returns>
    public static bool TryParse(string? text, out MaintenanceWindow window)
    {
        window = default;
        if (text is not { Length: 11 } || text[5] != '-'
            || !TimeOnly.TryParseExact(text.AsSpan(0, 5), Format, CultureInfo.InvariantCulture, DateTimeStyles.None, out var start)
            || !TimeOnly.TryParseExact(text.AsSpan(6), Format, CultureInfo.InvariantCulture, DateTimeStyles.None, out var end)
            || start == end)
        {
            return false;
        }

        window = new MaintenanceWindow(start, end);
        return true;
    }

    /// <summary>As it is written in the table.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Start:HH\\:mm}-{End:HH\\:mm}");
}
