namespace Polling.Core.Cards.Import;

/// <summary>What a saved row did to its card.</summary>
public enum RowChange
{
    Unchanged = 0,
    Changed = 1,
    Added = 2,
}
