namespace Polling.AppHost.Processes;

/// <summary>What to start, and how to stop it again.</summary>
public sealed record ProcessSpec
{
    /// <summary>The name used in messages.</summary>
    public required string Name { get; init; }

    /// <summary>The program: a path, or a name that is looked up on the PATH.</summary>
    public required string FileName { get; init; }

    /// <summary>Its arguments, unquoted.</summary>
    public IReadOnlyList<string> Arguments { get; init; } = [];

    /// <summary>Where it runs; default: where this process runs.</summary>
    public string? WorkingDirectory { get; init; }

    /// <summary>Variables to set, or with <c>null</c> to remove, on top of this process's own.</summary>
    public IReadOnlyDictionary<string, string?> Environment { get; init; } = new Dictionary<string, string?>();

    /// <summary>The file that its output is appended to; default: thrown away.</summary>
    public string? OutputFile { get; init; }

    /// <summary>The user to run it as; default: the present one.</summary>
    public ProcessUser? User { get; init; }

    /// <summary>The signal that asks it to stop in good order. 15 is SIGTERM; PostgreSQL's fast shutdown is SIGINT, 2.</summary>
    public int StopSignal { get; init; } = 15;

    /// <summary>How long it may take over stopping before it is killed.</summary>
    public TimeSpan StopTimeout { get; init; } = TimeSpan.FromSeconds(5);
}
