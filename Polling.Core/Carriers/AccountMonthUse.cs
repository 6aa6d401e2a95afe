namespace Polling.Core.Carriers;

/// <summary>
/// What an account has used of its monthly budget, reserved in blocks ahead of use; the rest of a block that Redis lost counts as
/// used. Table <c>tb_account_month_use</c>.
/// </summary>
public sealed class AccountMonthUse
{
    public int AccountId { get; set; }

    /// <summary>First day of the month, in the account's time zone.</summary>
    public DateOnly Month { get; set; }

    /// <summary>Calls reserved; never above the budget that was in force when they were.</summary>
    public long Calls { get; set; }

    /// <summary>Size of the last block, calls.</summary>
    public long LastBlock { get; set; }
}
