using System.ComponentModel.DataAnnotations;
using System.Net;

namespace Polling.Core.Alerts.Webhooks;

/// <summary>Settings <c>Polling:Webhooks</c>, of the admin API and the schedulers alike: both send.</summary>
public sealed class WebhookOptions : IValidatableObject
{
    /// <summary>
    /// Networks that webhooks may be sent to although they are not public, in CIDR notation, such as <c>10.20.0.0/16</c>. Default: none.
    /// </summary>
    public string[] AllowedNetworks { get; set; } = [];

    /// <inheritdoc/>
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext) =>
        AllowedNetworks.Where(text => !IPNetwork.TryParse(text, out _)).Select(text => new ValidationResult(
            $"Polling:Webhooks:AllowedNetworks has \"{text}\"; it must be a network such as \"10.20.0.0/16\" or \"fd00:1::/64\""));
}
