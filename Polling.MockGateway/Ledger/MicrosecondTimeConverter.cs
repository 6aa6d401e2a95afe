using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Polling.MockGateway.Ledger;

/// <summary>Times as <c>2025-03-01T08:00:00.123456Z</c>: always six digits, so that they sort as text.</summary>
internal sealed class MicrosecondTimeConverter : JsonConverter<DateTimeOffset>
{
    public override DateTimeOffset Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        reader.GetDateTimeOffset();

    public override void Write(Utf8JsonWriter writer, DateTimeOffset value, JsonSerializerOptions options) =>
        writer.WriteStringValue(value.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'", CultureInfo.InvariantCulture));
}
