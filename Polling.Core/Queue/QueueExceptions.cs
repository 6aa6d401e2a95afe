using Polling.Core.Configuration;

namespace Polling.Core.Queue;

/// <summary>Redis lost data, so what was read from it before no longer holds.</summary>
public sealed class QueueEpochChangedException(TaskType type)
    : InvalidOperationException($"The queue of {type.Name()} is of another epoch: Redis lost data, or is not initialised yet.");

/// <summary>A card belongs to an account that the schedulers have not published to Redis yet (they do so every second).</summary>
public sealed class AccountNotPublishedException(int accountId)
    : InvalidOperationException($"The carrier account {accountId} is not known to Redis yet; a scheduler publishes it within 2 s.");
