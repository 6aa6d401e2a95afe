namespace Polling.Executor.Dialects;

/// <summary>What follows from an answer that says nothing about cards: the one set that every dialect's errors map to.</summary>
internal enum GatewayOutcome
{
    /// <summary>A passing trouble: ask again later.</summary>
    RetryLater,

    /// <summary>The account asks too fast, by the carrier's count: it is asked less for a while.</summary>
    BackOffAccount,

    /// <summary>The token is no longer good: a new one is fetched, once, by one process.</summary>
    Reauthenticate,

    /// <summary>The carrier refuses the call as such: wrong credentials, wrong parameters.</summary>
    Refused,

    /// <summary>It was sent and no answer came: whether it was carried out is unknown. Look before deciding.</summary>
    Ambiguous,
}
