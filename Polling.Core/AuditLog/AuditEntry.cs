namespace Polling.Core.AuditLog;

/// <summary>A change that somebody made: who, what, before, after. Table <c>tb_audit_log</c>; entries are only ever added.</summary>
public sealed class AuditEntry
{
    public long Id { get; set; }

    public DateTimeOffset At { get; set; }

    /// <summary>Name of the API key, or <see cref="AuditCallers.Development"/>.</summary>
    public required string Caller { get; set; }

    /// <summary>The address that the request came from; null = no request.</summary>
    public string? RemoteAddress { get; set; }

    /// <summary>What was done: create, update, delete, or an operation's own word, such as reset.</summary>
    public required string Action { get; set; }

    /// <summary>The kind of thing that was changed: a table's name without its prefix, such as polling_config.</summary>
    public required string Subject { get; set; }

    /// <summary>Which one of them; null = it is not one row.</summary>
    public string? SubjectId { get; set; }

    /// <summary>JSON: the fields that were changed, as they were; null = it was not there before.</summary>
    public string? Before { get; set; }

    /// <summary>JSON: the fields that were changed, as they are since, or what an operation was asked for; null = it is gone.</summary>
    public string? After { get; set; }

    public AuditOutcome Outcome { get; set; }

    /// <summary>JSON: what an operation came to, such as counts; null for changes of rows, which are all or nothing.</summary>
    public string? Result { get; set; }

    /// <summary>Leads to the request in logs and traces.</summary>
    public string? TraceId { get; set; }
}

/// <summary>What became of what an entry says.</summary>
public enum AuditOutcome : short
{
    /// <summary>It was begun and nothing was heard of its end: the process died, or it goes on.</summary>
    Begun = 0,

    Done = 1,

    /// <summary>It was not done: its time was over, or it broke.</summary>
    Failed = 2,
}

/// <summary>Names of callers who have no API key.</summary>
public static class AuditCallers
{
    /// <summary>Anybody on this machine, in development.</summary>
    public const string Development = "development";

    /// <summary>Somebody who runs a command of the API's program: whoever may do that may read the database.</summary>
    public const string CommandLine = "command line";

    /// <summary>In the access log: somebody who was not let in, or an endpoint that is for anybody.</summary>
    public const string Nobody = "-";
}
