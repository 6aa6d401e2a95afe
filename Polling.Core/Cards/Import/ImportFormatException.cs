namespace Polling.Core.Cards.Import;

/// <summary>The input as a whole is not a card file; nothing of it was written. The message says what would be right.</summary>
public sealed class ImportFormatException(string message) : Exception(message);
