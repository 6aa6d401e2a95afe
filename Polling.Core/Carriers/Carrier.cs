namespace Polling.Core.Carriers;

/// <summary>A mobile operator (China Mobile, China Unicom, …). Table <c>tb_carrier</c>.</summary>
public sealed class Carrier
{
    /// <summary>The longest <see cref="Code"/>, in characters.</summary>
    public const int CodeLengthMax = 50;

    /// <summary>The longest <see cref="Name"/>, in characters.</summary>
    public const int NameLengthMax = 100;

    public int Id { get; set; }

    /// <summary>What CSV files and people call the carrier, such as <c>CMCC</c>; unique.</summary>
    public required string Code { get; set; }

    public required string Name { get; set; }

    public DateTimeOffset CreatedAt { get; set; }

    public DateTimeOffset UpdatedAt { get; set; }
}
