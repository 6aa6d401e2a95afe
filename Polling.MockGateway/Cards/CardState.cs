namespace Polling.MockGateway.Cards;

/// <summary>A card's state at its carrier.</summary>
internal enum CardState : byte
{
    Active,
    Stopped,

    /// <summary>In stock, terminated, …</summary>
    Other,
}

/// <summary>The names of states in the control API and the plain dialect.</summary>
internal static class CardStateNames
{
    public const string Stopped = "stopped";
    private static readonly string[] All = ["active", Stopped, "other"];

    public static string Rule { get; } = string.Join(", ", All[..^1]) + " or " + All[^1];

    public static string Of(CardState state) => All[(int)state];

    public static CardState? Find(string name) => Array.IndexOf(All, name) is var index and >= 0 ? (CardState)index : null;
}
