namespace Polling.Core.Cards.Import;

/// <summary>Something an import has to say about one row: why it was refused, or what is odd about it.</summary>
/// <param name="Line">The row's first line in the file; the header is in line 1.</param>
/// <param name="Column">The column's name in the file; null = the row as a whole.</param>
/// <param name="Value">What stands there, at most 100 characters.</param>
/// <param name="Reason">What is wrong with it and what would be right.</param>
public sealed record RowNotice(long Line, string? Column, string Value, string Reason);
