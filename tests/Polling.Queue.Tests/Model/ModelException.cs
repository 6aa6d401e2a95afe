namespace Polling.Queue.Tests.Model;

/// <summary>Redis is not as the model says.</summary>
public sealed class ModelException(string message) : Exception(message);
