using Polling.Core.Configuration;
using Polling.Core.Persistence.Results;
using Polling.Core.Queue.Facts;
using Polling.Executor.Gateway;

namespace Polling.Executor.Checks;

/// <summary>How cards are asked about for one task type.</summary>
internal interface ITaskCheck
{
    /// <summary>The task type.</summary>
    TaskType Type { get; }

    /// <summary>Asks a gateway about a call's cards and turns its answer into results, one for each card.</summary>
    /// <exception cref="QuotaRefusedException">The account refused the call: nothing was sent.</exception>
    /// <exception cref="LeaseTooShortException">Nothing was sent.</exception>
    Task<IReadOnlyList<CardResult>> AskAsync(
        OutgoingCall call, GatewayAccount account, IReadOnlyList<AskedCard> cards, CancellationToken cancellation);
}

/// <summary>A card that is asked about.</summary>
/// <param name="Facts">Its facts.</param>
/// <param name="DueMs">Its due time, Unix ms.</param>
internal readonly record struct AskedCard(CardFacts Facts, long DueMs);
