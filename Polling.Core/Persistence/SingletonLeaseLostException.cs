namespace Polling.Core.Persistence;

/// <summary>A holder wrote although its term of a <see cref="SingletonLease"/> is over.</summary>
public sealed class SingletonLeaseLostException(string name, long term)
    : Exception($"the lease \"{name}\" is no longer held in term {term}");
