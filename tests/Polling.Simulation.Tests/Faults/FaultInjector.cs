using Polling.Simulation.Tests.Events;
using Polling.Simulation.Tests.World;

namespace Polling.Simulation.Tests.Faults;

/// <summary>Decides, between every two steps of every process, whether something goes wrong there.</summary>
internal sealed class FaultInjector
{
    public Delivery Deliver(Actor actor) => Delivery.Whole;

    public bool LosesCommit(Actor actor) => false;
}
