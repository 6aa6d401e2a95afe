using Polling.Core.Cards;
using Polling.Simulation.Tests.World;

namespace Polling.Simulation.Tests.Days;

/// <summary>The 500 cards of the simulated days, and their accounts, each limited in another way.</summary>
internal static class Fleet
{
    public static void Of500(SimulatedWorld world)
    {
        var (often, seldom) = (TimeSpan.FromMinutes(30), TimeSpan.FromHours(2));
        world.AddAccount(1, callsPerSecond: 2, cardsPerCall: 8, often, seldom, fiveMinutes: 200);
        world.AddAccount(2, callsPerSecond: 5, cardsPerCall: 10, often, seldom, inFlight: 3);
        world.AddAccount(3, callsPerSecond: 1, cardsPerCall: 1, seldom);
        world.AddAccount(4, callsPerSecond: 20, cardsPerCall: 20, often, seldom, month: 100_000);
        for (var id = 1; id <= 500; id++)
        {
            var account = id <= 200 ? 1 : id <= 350 ? 2 : id <= 400 ? 3 : 4;
            world.Database.Add(new CardRecord(id, account, id % 10 < 7 ? RealNameStatus.RealNamed : RealNameStatus.NotRealNamed));
        }
    }
}
