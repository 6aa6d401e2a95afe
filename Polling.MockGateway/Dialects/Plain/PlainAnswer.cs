using System.Buffers;
using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using Polling.MockGateway.Calls;
using Polling.MockGateway.Cards;

namespace Polling.MockGateway.Dialects.Plain;

/// <summary>Writes the body of an answer: <c>{"status":"0","message":"ok","results":[…]}</c>.</summary>
internal static class PlainAnswer
{
    private static readonly JsonWriterOptions Readable = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    [ThreadStatic]
    private static ArrayBufferWriter<byte>? _buffer;

    [ThreadStatic]
    private static Utf8JsonWriter? _writer;

    /// <param name="status">Of the whole answer.</param>
    /// <param name="message">Its words.</param>
    /// <param name="task">Writes what was asked for; null: there are no answers.</param>
    /// <param name="answers">Each card's.</param>
    /// <param name="messageOf">The words of a card that was refused.</param>
    public static byte[] Write(
        string status, string message, ICarrierTask? task = null, CardAnswer[]? answers = null, Func<CardAnswer, string>? messageOf = null)
    {
        var buffer = _buffer ??= new ArrayBufferWriter<byte>(4096);
        buffer.ResetWrittenCount();
        var json = _writer ??= new Utf8JsonWriter(buffer, Readable);
        json.Reset(buffer);
        json.WriteStartObject();
        json.WriteString("status"u8, status);
        json.WriteString("message"u8, message);
        json.WriteStartArray("results"u8);
        foreach (var answer in answers ?? [])
        {
            WriteCard(json, task!, answer, messageOf!);
        }

        json.WriteEndArray();
        json.WriteEndObject();
        json.Flush();
        return buffer.WrittenSpan.ToArray();
    }

    private static void WriteCard(Utf8JsonWriter json, ICarrierTask task, in CardAnswer answer, Func<CardAnswer, string> messageOf)
    {
        Span<char> id = stackalloc char[CardId.MaxLength];
        json.WriteStartObject();
        json.WriteString("id"u8, id[..answer.Card.Write(id)]);
        if (answer.Outcome == CardOutcome.Refused)
        {
            json.WriteString("status"u8, answer.Value.ToString(CultureInfo.InvariantCulture));
            json.WriteString("message"u8, messageOf(answer));
        }
        else
        {
            json.WriteString("status"u8, CarrierStatus.Ok);
            task.Write(json, answer);
        }

        json.WriteEndObject();
    }
}
