using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Mvc;
using Polling.MockGateway.Calls;
using Polling.MockGateway.Ledger;

namespace Polling.MockGateway.PassThrough;

/// <summary>The youngest of the calls that were passed on, as the upstream got and answered them, without headers and secrets.</summary>
internal sealed class PassedCalls
{
    /// <summary>Bytes of memory for all that is kept; the oldest are dropped.</summary>
    public const long BytesMax = 64 * 1024 * 1024;

    private const int BytesBesides = 500;
    private readonly Lock _gate = new();
    private readonly Queue<PassedCall> _calls = new();
    private long _bytes;
    private long _lastSequence;
    private long _dropped;

    /// <summary>Keeps a call if calls are to be kept.</summary>
    /// <param name="rules">How many, and how much of each.</param>
    /// <param name="call">What the ledger has of it.</param>
    /// <param name="target">Where it went.</param>
    /// <param name="request">The request.</param>
    /// <param name="body">Its body.</param>
    /// <param name="reply">The upstream's answer, or why there is none.</param>
    /// <param name="sentUs">When it was sent, microseconds since 1970, UTC.</param>
    /// <param name="took">Until the whole answer was there.</param>
    public void Record(
        PassThroughBehaviour rules, in LedgerCall call, UpstreamTarget target, HttpRequest request, byte[] body, Reply reply, long sentUs, TimeSpan took)
    {
        if (rules.RecordCalls == 0)
        {
            return;
        }

        var answer = reply.Bare();
        var entry = new PassedCall(
            0,
            Microseconds.ToTime(sentUs),
            Math.Round(took.TotalMilliseconds, 3),
            call.Account,
            call.Task,
            call.Caller,
            target.Upstream,
            request.Method,
            Secrets.InAddress(target.Path + request.QueryString.Value),
            body.Length,
            Secrets.InBody(body, rules.RecordBodyBytes),
            reply.HttpStatus,
            answer.Body.Length,
            Secrets.InBody(answer.Body, rules.RecordBodyBytes));
        lock (_gate)
        {
            _calls.Enqueue(entry with { Sequence = ++_lastSequence });
            _bytes += BytesOf(entry);
            while (_calls.Count > rules.RecordCalls || _bytes > BytesMax)
            {
                _bytes -= BytesOf(_calls.Dequeue());
                _dropped++;
            }
        }
    }

    /// <summary>A page of what is kept, oldest first.</summary>
    public PassedPage Read(string? account, long sinceSequence, int limit)
    {
        lock (_gate)
        {
            var found = _calls.Where(call => call.Sequence > sinceSequence && (account is null || call.Account == account)).Take(limit + 1).ToList();
            var hasMore = found.Count > limit;
            var page = hasMore ? found[..limit] : found;
            return new(page, hasMore ? page[^1].Sequence : Math.Max(sinceSequence, _lastSequence), hasMore, _lastSequence, _dropped);
        }
    }

    /// <summary>Forgets everything; sequences start at 1 again.</summary>
    public void Reset()
    {
        lock (_gate)
        {
            _calls.Clear();
            (_bytes, _lastSequence, _dropped) = (0, 0, 0);
        }
    }

    private static long BytesOf(PassedCall call) => BytesBesides + (sizeof(char) * ((long)call.Address.Length + call.RequestBody.Length + call.ResponseBody.Length));
}

/// <summary>A page of passed calls; go on with <c>since_sequence</c> = <paramref name="NextSinceSequence"/>.</summary>
internal sealed record PassedPage(IReadOnlyList<PassedCall> Calls, long NextSinceSequence, bool HasMore, long TotalCalls, long DroppedCalls);

/// <param name="Sequence">1 for the first that was recorded, in the order in which they were answered.</param>
/// <param name="SentAt">By the gateway's clock, UTC.</param>
/// <param name="DurationMs">Until the whole answer was there; real time.</param>
/// <param name="Account">Whose call it was.</param>
/// <param name="Task">What it asked for.</param>
/// <param name="Caller">The process that called.</param>
/// <param name="Upstream">Where it went.</param>
/// <param name="Method">Of the request.</param>
/// <param name="Address">Path and query as they were sent there, secrets masked.</param>
/// <param name="RequestBytes">Length of the request's body.</param>
/// <param name="RequestBody">The beginning of it, secrets masked.</param>
/// <param name="HttpStatus">The upstream's; 502, 504: none; 499: the caller left before there was any.</param>
/// <param name="ResponseBytes">Length of the answer's body, unpacked.</param>
/// <param name="ResponseBody">The beginning of it, secrets masked; why there is none.</param>
internal sealed record PassedCall(
    long Sequence,
    DateTimeOffset SentAt,
    double DurationMs,
    string Account,
    string Task,
    string Caller,
    string Upstream,
    string Method,
    string Address,
    int RequestBytes,
    string RequestBody,
    int HttpStatus,
    int ResponseBytes,
    string ResponseBody);

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    Converters = [typeof(MicrosecondTimeConverter)])]
[JsonSerializable(typeof(PassedPage))]
[JsonSerializable(typeof(ProblemDetails))]
internal sealed partial class PassedJson : JsonSerializerContext
{
    /// <summary>Bodies are JSON mostly: quotes in them are written so that they can be read.</summary>
    public static PassedJson Readable => field ??= new(new JsonSerializerOptions(Default.Options) { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
}
