using System.Buffers.Binary;
using System.Diagnostics;

namespace Polling.MockGateway.Ledger;

/// <summary>A call as the ledger keeps it, without its cards: about 100 bytes.</summary>
internal record struct LedgerCall(string Account, string Task, long ReceivedUs)
{
    private const int MaxHeader = 128;

    public LedgerCall(string account, string task, long receivedUs, IHeaderDictionary headers)
        : this(account, task, receivedUs)
    {
        Caller = CallerNames.Intern(Limited(headers["X-Polling-Caller"].ToString()) ?? "unknown");
        IdempotencyKey = Limited(headers["Idempotency-Key"].ToString());
        if (headers.TraceParent.ToString() is { Length: > 0 } parent && ActivityContext.TryParse(parent, null, out var context))
        {
            Trace = PackedTrace.Of(context);
        }
    }

    /// <summary>1 for the first call after a reset, in the order in which calls were answered.</summary>
    public long Sequence { get; init; }

    public string Caller { get; init; } = "unknown";

    public string? IdempotencyKey { get; init; }

    public long AnsweredUs { get; private init; }

    /// <summary>The carrier's status code; empty: HTTP 500; <c>truncated</c>; <c>gone</c>: the caller left.</summary>
    public string Status { get; private init; } = "";

    public short HttpStatus { get; private init; }

    public PackedTrace Trace { get; init; }

    public readonly LedgerCall Answered(long answeredUs, string status, int httpStatus) =>
        this with { AnsweredUs = Math.Max(answeredUs, ReceivedUs), Status = status, HttpStatus = (short)httpStatus };

    private static string? Limited(string header) =>
        header.Length == 0 ? null : header.Length <= MaxHeader ? header : header[..MaxHeader];
}

/// <summary>A traceparent in 25 bytes instead of the 136 of its text.</summary>
internal readonly record struct PackedTrace(ulong TraceHigh, ulong TraceLow, ulong Span, byte Flags)
{
    public static PackedTrace Of(ActivityContext context)
    {
        Span<byte> bytes = stackalloc byte[24];
        context.TraceId.CopyTo(bytes[..16]);
        context.SpanId.CopyTo(bytes[16..]);
        return new(
            BinaryPrimitives.ReadUInt64BigEndian(bytes),
            BinaryPrimitives.ReadUInt64BigEndian(bytes[8..]),
            BinaryPrimitives.ReadUInt64BigEndian(bytes[16..]),
            (byte)context.TraceFlags);
    }

    /// <summary>As it came in; null: there was none.</summary>
    public string? Text => this == default ? null : $"00-{TraceHigh:x16}{TraceLow:x16}-{Span:x16}-{Flags:x2}";
}
