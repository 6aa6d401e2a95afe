namespace Polling.Executor.Checks;

/// <summary>Codes of our own for what is wrong with a card's part of an answer.</summary>
internal static class Problem
{
    /// <summary>The card is not in the answer.</summary>
    public const string NoAnswer = "no_answer";

    /// <summary>Its part has no status.</summary>
    public const string NoStatus = "no_status";

    /// <summary>Its part lacks the value that was asked for. That is not 0.</summary>
    public const string NoValue = "no_value";

    /// <summary>The value is none that can be.</summary>
    public const string BadValue = "bad_value";

    /// <summary>The answer is about another card.</summary>
    public const string WrongCard = "wrong_card";

    /// <summary>The carrier does not know the card.</summary>
    public const string CardUnknown = "card_unknown";

    /// <summary>The pool that the card shares is used up.</summary>
    public const string PoolExhausted = "pool_exhausted";

    /// <summary>The call was split, and its time or its account's budget did not do for this part of it.</summary>
    public const string NotSent = "not_sent";
}
