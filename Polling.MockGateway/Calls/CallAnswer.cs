using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using Polling.MockGateway.Cards;

namespace Polling.MockGateway.Calls;

/// <summary>Writes the body of an answer: <c>{"status":"0","message":"ok","results":[…]}</c>.</summary>
internal static class CallAnswer
{
    private static readonly JsonWriterOptions Readable = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    [ThreadStatic]
    private static ArrayBufferWriter<byte>? _buffer;

    [ThreadStatic]
    private static Utf8JsonWriter? _writer;

    /// <summary>The body; valid until this thread writes the next one.</summary>
    public static ReadOnlySpan<byte> Write(string status, string message, ICarrierTask task, ReadOnlySpan<CardAnswer> answers)
    {
        var buffer = _buffer ??= new ArrayBufferWriter<byte>(4096);
        buffer.ResetWrittenCount();
        var json = _writer ??= new Utf8JsonWriter(buffer, Readable);
        json.Reset(buffer);
        json.WriteStartObject();
        json.WriteString("status"u8, status);
        json.WriteString("message"u8, message);
        json.WriteStartArray("results"u8);
        foreach (ref readonly var answer in answers)
        {
            WriteCard(json, task, answer);
        }

        json.WriteEndArray();
        json.WriteEndObject();
        json.Flush();
        return buffer.WrittenSpan;
    }

    private static void WriteCard(Utf8JsonWriter json, ICarrierTask task, in CardAnswer answer)
    {
        Span<char> id = stackalloc char[CardId.MaxLength];
        json.WriteStartObject();
        json.WriteString("id"u8, id[..answer.Card.Write(id)]);
        switch (answer.Outcome)
        {
            case CardOutcome.NotYourCard:
                json.WriteString("status"u8, CarrierStatus.NotYourCard);
                json.WriteString("message"u8, "the card belongs to another account");
                break;
            case CardOutcome.NotAnIccid:
                json.WriteString("status"u8, CarrierStatus.Parameters);
                json.WriteString("message"u8, "an iccid has 19 or 20 characters of 0-9 and A-F");
                break;
            default:
                json.WriteString("status"u8, CarrierStatus.Ok);
                task.Write(json, answer);
                break;
        }

        json.WriteEndObject();
    }
}
