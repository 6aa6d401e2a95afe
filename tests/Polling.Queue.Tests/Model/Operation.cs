namespace Polling.Queue.Tests.Model;

/// <summary>What an operation of the model does.</summary>
public enum Verb
{
    /// <summary>Time passes, up to 3 s.</summary>
    Wait,

    /// <summary>Time passes, up to 60 s: leases and permits end.</summary>
    WaitLong,

    /// <summary>A scheduler promotes.</summary>
    Promote,

    /// <summary>An executor claims.</summary>
    Claim,

    /// <summary>An executor claims, the answer is lost, and it asks again under the same sequence.</summary>
    ClaimTwice,

    /// <summary>An executor claims and dies.</summary>
    ClaimAndDie,

    /// <summary>A held call's account is charged for an attempt; a refused call goes back.</summary>
    Acquire,

    /// <summary>An attempt ends.</summary>
    Report,

    /// <summary>A held call's permit ends.</summary>
    Release,

    /// <summary>A held call's lease is lengthened.</summary>
    Renew,

    /// <summary>A held call is completed.</summary>
    Complete,

    /// <summary>A call that may have ended long ago is completed.</summary>
    CompleteAny,

    /// <summary>A held call goes back unsent.</summary>
    Return,

    /// <summary>A card is imported once more: moved, changed, terminated or as it was.</summary>
    Place,

    /// <summary>A card is asked for by hand.</summary>
    Request,

    /// <summary>A trigger is cancelled, and cards are asked for another one from then on.</summary>
    Cancel,

    /// <summary>Quarantined cards are discharged.</summary>
    Discharge,

    /// <summary>An account is paused, resumed, or gets other limits.</summary>
    ChangeAccount,

    /// <summary>An account's intervals are changed, or it has none any more.</summary>
    ChangeIntervals,

    /// <summary>A scheduler moves a part of an account's schedule to its intervals.</summary>
    Move,

    /// <summary>A scheduler moves all of it, and places the cards that are polled from now on.</summary>
    MoveAll,

    /// <summary>The number of permits is changed.</summary>
    ChangePermits,

    /// <summary>Something is deleted by hand, and the audit mends it.</summary>
    Damage,

    /// <summary>The scripts are flushed.</summary>
    FlushScripts,
}

/// <summary>An operation: what, and numbers that choose among what there is when its turn comes.</summary>
public readonly record struct Operation(Verb Verb, int A, int B)
{
    public override string ToString() => $"{Verb}({A}, {B})";
}
