namespace Polling.Core.Cards.Demo;

/// <summary>A carrier of the <see cref="DemoFleet"/>, with its one account.</summary>
public sealed record DemoCarrier(string Code, string Name, string IccidPrefix, string ImsiPrefix, int CardsPerCall)
{
    public string AccountCode => $"{Code}-demo";
}
