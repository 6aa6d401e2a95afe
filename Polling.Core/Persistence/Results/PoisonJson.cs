using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Polling.Core.Persistence.Results;

/// <summary>A refused result as text that PostgreSQL takes: it can hold neither U+0000 nor half a surrogate pair.</summary>
internal static class PoisonJson
{
    private const int LengthMax = 1_000;

    public static string Of(CardResult result) => JsonSerializer.Serialize(
        new PoisonRow(
            result.CardId, result.AccountId, result.Epoch, result.Token, result.ScheduledAt, result.CheckedAt, (short)result.Outcome,
            Clean(result.ErrorCode), result.DurationMs,
            result.Payload is PackagePayload package ? package with { Code = Clean(package.Code) } : result.Payload),
        PoisonJsonContext.Default.PoisonRow);

    [return: System.Diagnostics.CodeAnalysis.NotNullIfNotNull(nameof(text))]
    public static string? Clean(string? text)
    {
        if (text is null)
        {
            return null;
        }

        var clean = new StringBuilder();
        foreach (var rune in text.EnumerateRunes())
        {
            if (clean.Length >= LengthMax)
            {
                break;
            }

            clean.Append(rune.Value == 0 ? Rune.ReplacementChar.ToString() : rune.ToString());
        }

        return clean.ToString();
    }

    internal sealed record PoisonRow(
        long CardId, int AccountId, long Epoch, long Token, DateTimeOffset ScheduledAt, DateTimeOffset CheckedAt, short Outcome,
        string? ErrorCode, int DurationMs, object? Answer);
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(PoisonJson.PoisonRow))]
[JsonSerializable(typeof(RealNamePayload))]
[JsonSerializable(typeof(UsagePayload))]
[JsonSerializable(typeof(PackagePayload))]
internal sealed partial class PoisonJsonContext : JsonSerializerContext;
