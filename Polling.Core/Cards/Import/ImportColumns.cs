namespace Polling.Core.Cards.Import;

/// <summary>The columns that an import understands; others are ignored.</summary>
[Flags]
public enum ImportColumns
{
    None = 0,
    Iccid = 1,
    Msisdn = 2,
    Imsi = 4,
    Carrier = 8,
    Account = 16,
    Status = 32,
    RealNameStatus = 64,
    PackageId = 128,
    Pool = 256,
}
