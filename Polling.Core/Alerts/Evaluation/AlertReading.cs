namespace Polling.Core.Alerts.Evaluation;

/// <summary>What was measured of one subject.</summary>
/// <param name="Subject">A task type's name, an account's code, or what the rule type is about as a whole.</param>
/// <param name="Value">In the rule type's unit; null = cannot be told.</param>
/// <param name="Samples">How many checks the value is taken from; 0 where nothing is counted.</param>
/// <param name="Detail">What a person would ask next, such as which accounts; at most 500 characters.</param>
public sealed record AlertReading(string Subject, double? Value, long Samples = 0, string? Detail = null);
