namespace Polling.Core.Configuration;

/// <summary>Whether a row of a configuration table counts.</summary>
public enum ConfigStatus : short
{
    Off = 0,

    On = 1,
}
