namespace Polling.Core.Configuration;

/// <summary>What a card is polled for. The numbers are stored in PostgreSQL and Redis: never change one.</summary>
public enum TaskType : short
{
    /// <summary>Real-name status (实名).</summary>
    Realname = 1,

    /// <summary>Data usage (流量).</summary>
    Carddata = 2,

    /// <summary>Package and its limit (套餐).</summary>
    Package = 3,
}
