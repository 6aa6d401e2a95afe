using System.ComponentModel.DataAnnotations;

namespace Polling.Core.Queue.Promotion;

/// <summary>Section <c>Polling:Promotion</c>.</summary>
public sealed class PromotionOptions
{
    /// <summary>
    /// Percent of an account's calls that work asked for by hand may take while its polling is due as well, 1 to 100. Default 50; with 100
    /// polling waits until all such work is admitted. An account without due polling gives all of its calls to it.
    /// </summary>
    [Range(1, 100)]
    public int ManualSharePercent { get; set; } = 50;
}
