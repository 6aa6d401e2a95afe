using System.Net;
using Polling.AdminApi.Tests.OpenApi;

namespace Polling.AdminApi.Tests.Fuzz;

/// <summary>What an answer to a generated request must be, besides what all must be.</summary>
internal enum Expectation
{
    /// <summary>Whatever the document says.</summary>
    Documented,

    /// <summary>It breaks what the document says: it must be refused.</summary>
    Refused,

    /// <summary>It is none of the document's operations (another method, path or size of headers): any refusal, or an answer of its own.</summary>
    Outside,
}

/// <summary>A generated request.</summary>
internal sealed record FuzzRequest(ApiOperation Operation, string Kind)
{
    public string Method { get; init; } = Operation.Method;

    /// <summary>Path and query, as they are sent.</summary>
    public required string Target { get; init; }

    public byte[]? Body { get; init; }

    public string? ContentType { get; init; } = "application/json";

    public Expectation Expectation { get; init; }

    /// <summary>The body is sent in drips.</summary>
    public bool IsSlow { get; init; }

    /// <summary>After this part of the body the sender is gone; 1 = it sends everything.</summary>
    public double CutAt { get; init; } = 1;

    /// <summary>A header besides.</summary>
    public (string Name, string Value)? Header { get; init; }

    /// <summary>Whether it asks before it sends the body.</summary>
    public bool AsksFirst { get; init; }

    public HttpRequestMessage Message(Uri server)
    {
        var uri = new Uri(server.GetLeftPart(UriPartial.Authority) + Target, new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true });
        var message = new HttpRequestMessage(new HttpMethod(Method), uri);
        if (Body is { } body)
        {
            message.Content = IsSlow ? new SlowContent(body, CutAt) : new ByteArrayContent(body);
            if (ContentType is not null)
            {
                message.Content.Headers.TryAddWithoutValidation("Content-Type", ContentType);
            }

            message.Headers.ExpectContinue = AsksFirst;
        }

        if (Header is var (name, value))
        {
            message.Headers.TryAddWithoutValidation(name, value);
        }

        return message;
    }

    public override string ToString() =>
        $"{Kind}: {Method} {(Target.Length > 300 ? $"{Target[..300]}… ({Target.Length})" : Target)}"
        + (Body is null ? "" : $" {ContentType} {System.Text.Encoding.Latin1.GetString(Body.AsSpan(0, Math.Min(Body.Length, 300)))} ({Body.Length} bytes)");
}

/// <summary>A body that comes in ten drips, and may end before its end.</summary>
internal sealed class SlowContent(byte[] body, double cutAt) : HttpContent
{
    private const int Drips = 10;
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(30);

    protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
    {
        for (var drip = 0; drip < Drips; drip++)
        {
            if (drip >= Drips * cutAt)
            {
                throw new IOException("cut");
            }

            await stream.WriteAsync(body.AsMemory((int)((long)body.Length * drip / Drips)..(int)((long)body.Length * (drip + 1) / Drips)));
            await stream.FlushAsync();
            await Task.Delay(Pause);
        }
    }

    protected override bool TryComputeLength(out long length)
    {
        length = body.Length;
        return true;
    }
}
