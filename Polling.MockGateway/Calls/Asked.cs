using Polling.MockGateway.Cards;

namespace Polling.MockGateway.Calls;

/// <summary>What a request asks, once it has been read.</summary>
/// <param name="Cards">The cards that it is about.</param>
/// <param name="Answer">Makes the answer, and the change if it is one.</param>
internal sealed record Asked(CardId[] Cards, Func<Reply> Answer)
{
    /// <summary>Nothing can be made of it; this is said at once.</summary>
    public Reply? Problem { get; init; }

    /// <summary>What it asks for, where only its body tells; null: as its address says.</summary>
    public string? Task { get; init; }

    /// <summary>It changes something.</summary>
    public bool IsChange { get; init; }

    public static Asked Wrong(Reply problem) => new([], () => problem) { Problem = problem };
}

/// <summary>An answer.</summary>
/// <param name="Status">The carrier's code, for the ledger.</param>
/// <param name="Body">Its text, UTF-8.</param>
/// <param name="Answers">What it says about each card; empty: nothing.</param>
internal sealed record Reply(string Status, byte[] Body, CardAnswer[] Answers)
{
    public int HttpStatus { get; init; } = StatusCodes.Status200OK;

    public string ContentType { get; init; } = "application/json";

    /// <summary>Blanks that follow the body, bytes.</summary>
    public int Padding { get; init; }
}

/// <summary>The carrier's side of one dialect.</summary>
internal interface IMockDialect
{
    /// <summary>Maps its endpoints.</summary>
    void Map(IEndpointRouteBuilder app, CallHandler calls);

    /// <summary>An error of a whole call.</summary>
    Reply Error(string code, string message);
}
