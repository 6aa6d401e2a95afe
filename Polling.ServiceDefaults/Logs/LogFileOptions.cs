using System.ComponentModel;

namespace Polling.ServiceDefaults;

/// <summary>Section <c>Polling:LogFile</c>, and <c>Polling:LogDirectory</c>.</summary>
public sealed class LogFileOptions
{
    /// <summary>Folder of the log files, from where the process was started; created when missing.</summary>
    public string Directory { get; set; } = "logs";

    /// <summary>Size at which a file is rotated, in MiB: 1 to 10,240.</summary>
    [DefaultValue(100)]
    public int MaxMegabytes { get; set; } = 100;

    /// <summary>Rotated files kept beside the current one: 1 to 1,000.</summary>
    [DefaultValue(10)]
    public int KeptFiles { get; set; } = 10;

    internal void Validate()
    {
        if (MaxMegabytes is < 1 or > 10_240)
        {
            throw new StartupException($"Polling:LogFile:MaxMegabytes is {MaxMegabytes}; it must be from 1 to 10240");
        }

        if (KeptFiles is < 1 or > 1_000)
        {
            throw new StartupException($"Polling:LogFile:KeptFiles is {KeptFiles}; it must be from 1 to 1000");
        }

        if (string.IsNullOrWhiteSpace(Directory))
        {
            throw new StartupException("Polling:LogDirectory is empty; name a folder, for example 'logs'");
        }
    }
}
