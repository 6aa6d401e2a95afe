using System.ComponentModel.DataAnnotations;

namespace Polling.AdminApi.Access;

/// <summary>How much one caller may ask, section <c>Polling:Access</c>. What is over it is answered with 429 and when to come again.</summary>
internal sealed class AccessOptions
{
    public const string Section = "Polling:Access";

    /// <summary>Requests a second of one API key, in the long run.</summary>
    [Range(1, 100_000)]
    public int RequestsPerSecond { get; set; } = 500;

    /// <summary>Requests of one API key at once.</summary>
    [Range(1, 100_000)]
    public int RequestsAtOnce { get; set; } = 1000;

    /// <summary>Requests a second of one address without a valid key: the explorer's page, and whoever guesses keys.</summary>
    [Range(1, 100_000)]
    public int AnonymousPerSecond { get; set; } = 20;
}
