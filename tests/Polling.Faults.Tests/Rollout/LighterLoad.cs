using System.Globalization;
using Polling.Faults.Tests.Harness;

namespace Polling.Faults.Tests.Rollout;

/// <summary>The fleet asks for less until it ends: 1,000 checks a second leave a small machine room to start processes in.</summary>
internal sealed class LighterLoad : IAsyncDisposable
{
    private const int Times = 3;
    private readonly FaultSystem _system;

    private LighterLoad(FaultSystem system) => _system = system;

    public static async Task<LighterLoad> BeginAsync(FaultSystem system)
    {
        await SetAsync(system, "*");
        return new LighterLoad(system);
    }

    public async ValueTask DisposeAsync() => await SetAsync(_system, "/");

    private static Task SetAsync(FaultSystem system, string by) => system.Effects.ExecuteAsync(
        string.Create(CultureInfo.InvariantCulture, $"UPDATE tb_polling_config SET interval_seconds = interval_seconds {by} {Times}"));
}
