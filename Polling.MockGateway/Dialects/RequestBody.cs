using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Polling.MockGateway.Dialects;

/// <summary>Reads and writes JSON of dialects whose calls are small.</summary>
internal static class RequestBody
{
    private const int Max = 128 * 1024;
    private static readonly JsonSerializerOptions Readable = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>The body, at most 128 KB of it.</summary>
    public static async ValueTask<byte[]> ReadAsync(HttpRequest request, CancellationToken cancellation)
    {
        while (true)
        {
            var read = await request.BodyReader.ReadAsync(cancellation);
            if (read.IsCompleted || read.Buffer.Length > Max)
            {
                var body = read.Buffer.Slice(0, Math.Min(Max, read.Buffer.Length)).ToArray();
                request.BodyReader.AdvanceTo(read.Buffer.End);
                return body;
            }

            request.BodyReader.AdvanceTo(read.Buffer.Start, read.Buffer.End);
        }
    }

    /// <summary>The object in a body, or null when there is none.</summary>
    public static JsonObject? Parse(byte[] body)
    {
        try
        {
            return JsonNode.Parse(body) as JsonObject;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>A text of an object, or null.</summary>
    public static string? Text(this JsonObject? body, string name) =>
        body?[name] is JsonValue value && value.TryGetValue<string>(out var text) ? text : null;

    public static byte[] Write(JsonObject body) => JsonSerializer.SerializeToUtf8Bytes(body, Readable);
}
