using System.Buffers;
using System.IO.Pipelines;
using System.Text;
using System.Text.Json;
using Polling.MockGateway.Cards;

namespace Polling.MockGateway.Dialects.Plain;

/// <summary>
/// The body <c>{"cards":[{"id":"…"}…]}</c>, 1 to 500 cards, and perhaps a <c>cycle</c> before or after them. It is read by hand because the ids go straight into packed form: with an object
/// a card the garbage collector would be the bottleneck of a load test.
/// </summary>
internal static class CardsRequest
{
    public const int MaxCards = 500;

    /// <summary>Bytes; 500 cards take about 15,000.</summary>
    public const int MaxBody = 128 * 1024;

    /// <returns>The cards and the cycle (null: none was sent), or what is wrong with the body.</returns>
    public static async ValueTask<(CardId[] Cards, string? Cycle, string? Problem)> ReadAsync(PipeReader body, CancellationToken cancellationToken)
    {
        while (true)
        {
            var read = await body.ReadAsync(cancellationToken);
            if (read.Buffer.Length > MaxBody)
            {
                body.AdvanceTo(read.Buffer.End);
                return ([], null, $"the body is longer than {MaxBody} bytes");
            }

            if (read.IsCompleted)
            {
                var parsed = Parse(read.Buffer);
                body.AdvanceTo(read.Buffer.End);
                return parsed;
            }

            body.AdvanceTo(read.Buffer.Start, read.Buffer.End);
        }
    }

    internal static (CardId[] Cards, string? Cycle, string? Problem) Parse(ReadOnlySequence<byte> body)
    {
        var cards = ArrayPool<CardId>.Shared.Rent(MaxCards);
        try
        {
            var json = new Utf8JsonReader(body);
            var problem = Parse(ref json, cards, out var count, out var cycle);
            return problem is null ? (cards[..count], cycle, null) : ([], null, problem);
        }
        catch (JsonException exception)
        {
            return ([], null, $"the body is not JSON: {exception.Message}");
        }
        finally
        {
            ArrayPool<CardId>.Shared.Return(cards);
        }
    }

    private static string? Parse(ref Utf8JsonReader json, CardId[] cards, out int count, out string? cycle)
    {
        (count, cycle) = (0, null);
        var found = false;
        if (!json.Read() || json.TokenType != JsonTokenType.StartObject)
        {
            return "the body must be a JSON object with 'cards'";
        }

        while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
        {
            var isCards = json.ValueTextEquals("cards"u8);
            var isCycle = json.ValueTextEquals("cycle"u8);
            json.Read();
            if (isCycle && json.TokenType == JsonTokenType.String)
            {
                cycle = json.GetString();
                continue;
            }

            if (!isCards)
            {
                json.Skip();
                continue;
            }

            found = true;
            if (ParseCards(ref json, cards, ref count) is { } problem)
            {
                return problem;
            }
        }

        while (json.Read())
        {
            // What follows the object would throw here.
        }

        return (found, count) switch
        {
            (false, _) => "cards is missing",
            (true, 0) => $"cards is empty; it must have 1 to {MaxCards} entries",
            _ => null,
        };
    }

    private static string? ParseCards(ref Utf8JsonReader json, CardId[] cards, ref int count)
    {
        if (json.TokenType != JsonTokenType.StartArray)
        {
            return "cards must be an array";
        }

        while (json.Read() && json.TokenType != JsonTokenType.EndArray)
        {
            if (count == MaxCards)
            {
                return $"cards has more than {MaxCards} entries";
            }

            if (json.TokenType != JsonTokenType.StartObject)
            {
                return $"cards[{count}] must be an object with 'id'";
            }

            CardId? card = null;
            while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
            {
                var isId = json.ValueTextEquals("id"u8);
                json.Read();
                if (!isId)
                {
                    json.Skip();
                }
                else if (ReadId(ref json) is { } id)
                {
                    card = id;
                }
                else
                {
                    return $"cards[{count}].id is {Shown(ref json)}; it must be {CardId.Rule}";
                }
            }

            if (card is null)
            {
                return $"cards[{count}].id is missing";
            }

            cards[count++] = card.Value;
        }

        return null;
    }

    private static CardId? ReadId(ref Utf8JsonReader json)
    {
        if (json.TokenType != JsonTokenType.String || (json.HasValueSequence ? json.ValueSequence.Length : json.ValueSpan.Length) > 120)
        {
            return null;
        }

        Span<byte> copy = stackalloc byte[120];
        var length = json.CopyString(copy);
        return CardId.TryParse(copy[..length], out var id) ? id : null;
    }

    private static string Shown(ref Utf8JsonReader json)
    {
        var raw = json.HasValueSequence ? json.ValueSequence.ToArray() : json.ValueSpan.ToArray();
        return $"'{Encoding.UTF8.GetString(raw.AsSpan(0, Math.Min(raw.Length, 40)))}'";
    }
}
