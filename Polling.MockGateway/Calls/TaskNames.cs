namespace Polling.MockGateway.Calls;

/// <summary>What carriers are asked for, whatever the dialect calls it; the names stand in the ledger.</summary>
internal static class TaskNames
{
    public const string RealName = "realname";
    public const string CardData = "carddata";
    public const string Package = "package";
    public const string PreviousCycle = "previous-cycle";
    public const string State = "state";
    public const string Suspend = "suspend";
    public const string Resume = "resume";
    public const string Job = "job";
    public const string Token = "token";

    public static readonly string[] All = [RealName, CardData, Package, PreviousCycle, State, Suspend, Resume, Job, Token];
}
