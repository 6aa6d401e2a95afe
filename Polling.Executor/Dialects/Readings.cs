namespace Polling.Executor.Dialects;

/// <summary>
/// What an answer says of one card: a value, or the code of what is wrong (the carrier's, or one of <see cref="Checks.Problem"/>), or neither: it is answered, and there is
/// nothing to tell yet.
/// </summary>
internal readonly record struct CardReading<T>(T? Value, string? Error)
{
    public static CardReading<T> Of(T value) => new(value, null);

    public static CardReading<T> Wrong(string code) => new(default, code);
}

/// <summary>A cumulative usage reading.</summary>
/// <param name="UsedBytes">Used since the cycle began; 0 or more.</param>
/// <param name="AsOf">As of when the figure is; null: the carrier does not say.</param>
/// <param name="Cycle">First day of the cycle that it is of; null: the carrier does not say.</param>
internal sealed record UsageReading(long UsedBytes, DateTimeOffset? AsOf, DateOnly? Cycle);

/// <summary>What the carrier says of a card's package.</summary>
/// <param name="Code">The carrier's name for it.</param>
/// <param name="AllowanceBytes">What may be used in a cycle.</param>
/// <param name="UsedBytes">Used of it; null: the carrier does not say.</param>
/// <param name="ValidUntil">When it ends; null: the carrier does not say.</param>
internal sealed record PackageReading(string Code, long AllowanceBytes, long? UsedBytes, DateTimeOffset? ValidUntil);

/// <summary>Whether a card is stopped at the carrier.</summary>
/// <param name="State">Its state.</param>
/// <param name="MayWeResume">False: it was stopped for a reason that only the carrier or a person there can lift.</param>
/// <param name="Reason">The carrier's words or code; null: none.</param>
internal sealed record StopReading(CarrierCardState State, bool MayWeResume, string? Reason);

/// <summary>A card's state at the carrier.</summary>
internal enum CarrierCardState
{
    Active,
    Stopped,

    /// <summary>In stock, terminated, …: it can neither be stopped nor resumed.</summary>
    Other,
}

/// <summary>What became of a change.</summary>
/// <param name="State">How far it is.</param>
/// <param name="JobId">The carrier's job, when it is <see cref="ChangeState.Accepted"/>.</param>
/// <param name="Code">The carrier's code, when it was not done.</param>
internal sealed record ChangeReading(ChangeState State, string? JobId = null, string? Code = null);

/// <summary>How far a change is.</summary>
internal enum ChangeState
{
    Done,

    /// <summary>An asynchronous job, under way.</summary>
    Accepted,

    /// <summary>The card is not in a state in which this can be done, or was changed moments ago: look before deciding.</summary>
    WrongState,

    /// <summary>The carrier refuses it for good: not our card, unknown, its reason forbids it.</summary>
    Refused,

    /// <summary>The job has failed; it may be tried again later.</summary>
    Failed,
}
