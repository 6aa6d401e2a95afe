namespace Polling.Benchmarks.Figures;

/// <summary>A measured figure beside its target.</summary>
/// <param name="Name">What it is.</param>
/// <param name="Value">The value; null = it could not be measured here.</param>
/// <param name="Unit">Its unit.</param>
/// <param name="Target">What it must reach, or must not exceed; null = it is only reported.</param>
/// <param name="AtMost">The target is an upper limit.</param>
/// <param name="Note">How it came about, or why there is none.</param>
internal sealed record Figure(string Name, double? Value, string Unit, double? Target = null, bool AtMost = false, string Note = "")
{
    /// <summary>Whether the target is met; null = there is no target or no value.</summary>
    public bool? Met => Value is { } value && Target is { } target ? (AtMost ? value <= target : value >= target) : null;
}
