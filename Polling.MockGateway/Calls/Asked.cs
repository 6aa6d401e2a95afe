using System.Text.Json;
using Polling.MockGateway.Cards;

namespace Polling.MockGateway.Calls;

/// <summary>What a request asks, once it has been read.</summary>
/// <param name="Cards">The cards that it is about.</param>
/// <param name="AnswerAsync">Makes the answer, and the change if it is one.</param>
internal sealed record Asked(CardId[] Cards, Func<ValueTask<Reply>> AnswerAsync)
{
    public Asked(CardId[] cards, Func<Reply> answer)
        : this(cards, () => ValueTask.FromResult(answer()))
    {
    }

    /// <summary>Who asks may not; this is said at once.</summary>
    public Reply? Denial { get; init; }

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

    /// <summary>An upstream's headers, when it is its answer as it came; <see cref="ContentType"/> does not count then.</summary>
    public IHeaderDictionary? Headers { get; init; }

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

    /// <summary>What stands before its methods in an address, with a slash at each end.</summary>
    string Root { get; }

    /// <summary>The field of an answer that has the carrier's code.</summary>
    string CodeField { get; }

    /// <summary>An upstream has answered a call that was passed on.</summary>
    void Heard(string account, string task, JsonElement answer)
    {
    }
}
