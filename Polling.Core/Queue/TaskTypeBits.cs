using Polling.Core.Configuration;

namespace Polling.Core.Queue;

internal static class TaskTypeBits
{
    /// <summary>The type's bit in the flags of packed card facts: 1, 2, 4.</summary>
    public static int Bit(this TaskType type) => 1 << ((int)type - 1);
}
