using System.Globalization;
using System.Text.Json.Serialization.Metadata;
using Polling.Core.Cards;
using Polling.Core.Configuration;
using Polling.Core.Persistence.Results;
using Polling.Executor.Checks;
using Polling.Executor.Gateway;

namespace Polling.Executor.Package;

/// <summary>One card of a package answer.</summary>
/// <param name="Id">Number of the card.</param>
/// <param name="Status">"0" = OK.</param>
/// <param name="PackageCode">The carrier's name for the package.</param>
/// <param name="AllowanceKb">What may be used in a cycle.</param>
/// <param name="UsedKb">Used of it; may be missing.</param>
/// <param name="ValidUntil">When it ends, ISO 8601 with offset; may be missing.</param>
internal sealed record PackageAnswer(
    string? Id, string? Status, string? PackageCode, GatewayAmount AllowanceKb, GatewayAmount UsedKb, string? ValidUntil) : IGatewayAnswer;

/// <summary>Asks for the package.</summary>
internal sealed class PackageCheck(GatewayClient gateway, TimeProvider time, ILogger<PackageCheck> logger)
    : TaskCheck<PackageAnswer>(gateway, time, logger)
{
    public override TaskType Type => TaskType.Package;

    protected override JsonTypeInfo<GatewayResponse<PackageAnswer>> Json => GatewayJson.Default.GatewayResponsePackageAnswer;

    // Without a code or an allowance the answer says nothing; used and valid_until may be missing.
    protected override (ResultPayload? Payload, string? Error) ReadValue(PackageAnswer answer, GatewayAccount account, DateTimeOffset checkedAt)
    {
        var code = answer.PackageCode?.Trim();
        DateTimeOffset? validUntil = null;
        if (!string.IsNullOrWhiteSpace(answer.ValidUntil))
        {
            if (!DateTimeOffset.TryParse(answer.ValidUntil, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var end))
            {
                return (null, Problem.BadValue);
            }

            validUntil = end;
        }

        if (answer.AllowanceKb.IsBad || answer.UsedKb.IsBad || code is { Length: > CardPackage.PackageCodeLengthMax })
        {
            return (null, Problem.BadValue);
        }

        return string.IsNullOrEmpty(code) || answer.AllowanceKb.Value is not { } allowanceKb
            ? (null, Problem.NoValue)
            : (new PackagePayload(code, allowanceKb * GatewayAmount.BytesPerKb, answer.UsedKb.Value * GatewayAmount.BytesPerKb, validUntil), null);
    }
}
