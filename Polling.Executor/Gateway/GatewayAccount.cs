using Polling.Core.Carriers;

namespace Polling.Executor.Gateway;

/// <summary>Where and as whom an account is asked.</summary>
/// <param name="Code">The account's code.</param>
/// <param name="BaseUrl">Base address of its gateway, ending in a slash.</param>
/// <param name="TimeZone">The zone that its billing cycles are reckoned in.</param>
internal sealed record GatewayAccount(string Code, Uri BaseUrl, TimeZoneInfo TimeZone)
{
    /// <summary>How its gateway is spoken to.</summary>
    public CarrierDialect Dialect { get; init; } = CarrierDialect.Plain;

    /// <summary>As whom the gateway knows us.</summary>
    public string AppId { get; init; } = Code;

    /// <summary>What proves it; null: there is none.</summary>
    public string? AppSecret { get; init; }

    /// <summary>The secret, which this dialect cannot do without.</summary>
    /// <exception cref="GatewayException">There is none: nothing is sent.</exception>
    public string RequiredSecret() => AppSecret ?? throw new GatewayException(
        "no_secret", $"Account {Code} has no app_secret, which its dialect {Dialect.Name()} needs.")
    { Outcome = Dialects.GatewayOutcome.Refused };

    // A secret must not get into a log by way of a record's text.
    public override string ToString() => Code;
}
