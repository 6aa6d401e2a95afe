namespace Polling.Core.Configuration;

/// <summary>What is wrong with a row of a configuration table.</summary>
/// <param name="Field">Column.</param>
/// <param name="Value">What it holds.</param>
/// <param name="Rule">What would be right.</param>
public sealed record ConfigProblem(string Field, string Value, string Rule)
{
    /// <summary>For people.</summary>
    public string Message => $"{Field} is {Value}, it must be {Rule}";
}
