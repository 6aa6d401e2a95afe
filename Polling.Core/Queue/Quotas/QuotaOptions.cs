using System.ComponentModel.DataAnnotations;

namespace Polling.Core.Queue.Quotas;

/// <summary>Section <c>Polling:Quotas</c>; schedulers publish it with the accounts, so it is one value for all processes.</summary>
public sealed class QuotaOptions
{
    /// <summary>
    /// Percent of an account's calls a second, in five minutes and in flight that polling leaves to manual work and suspensions, 0 to
    /// 90. Default 10; of the month's calls it is a tenth of it. Limits below 10 have no reserve.
    /// </summary>
    [Range(0, 90)]
    public int ReservedPercent { get; set; } = 10;
}
