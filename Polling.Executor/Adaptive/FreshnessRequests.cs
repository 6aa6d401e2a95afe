using Polling.Core.Configuration;
using Polling.Core.Persistence.Results;
using Polling.Core.Queue.Manual;

namespace Polling.Executor.Adaptive;

/// <summary>
/// Asks for the usage of cards whose package check found the ledger's reading too old to decide by. A request is admitted as one that a person makes:
/// soon, and by the account's budget.
/// </summary>
internal sealed partial class FreshnessRequests(ManualRequests requests, ILogger<FreshnessRequests> logger)
{
    // No trigger of tb_polling_manual_trigger: nobody waits for what becomes of it.
    private const string Trigger = "freshness";

    /// <summary>Asks for those of the results that need it; never throws. What is not asked for now is found by the next package check.</summary>
    public async Task AskAsync(IReadOnlyList<CardResult> rows, CommittedResults committed)
    {
        if (rows.Count == 0 || rows[0].Type != TaskType.Package)
        {
            return;
        }

        long[] cards = [.. rows.Where(row => committed.Standing(row.CardId) is { IsWorthAsking: true }).Select(row => row.CardId)];
        if (cards.Length == 0)
        {
            return;
        }

        try
        {
            await requests.RequestAsync(TaskType.Carddata, Trigger, cards);
            LogAsked(logger, cards.Length);
        }
#pragma warning disable CA1031 // The package check is done; this is for the next one.
        catch (Exception e)
#pragma warning restore CA1031
        {
            LogNotAsked(logger, cards.Length, e.Message);
        }
    }

    [LoggerMessage(Level = LogLevel.Debug, Message = "The usage of {Cards} cards is asked for: their readings are too old to decide by")]
    private static partial void LogAsked(ILogger logger, int cards);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The usage of {Cards} cards with old readings could not be asked for: {Reason}")]
    private static partial void LogNotAsked(ILogger logger, int cards, string reason);
}
