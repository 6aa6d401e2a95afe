using System.IO.Compression;
using System.Text.Json;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Net.Http.Headers;
using Polling.MockGateway.Calls;

namespace Polling.MockGateway.PassThrough;

/// <summary>Answers of upstreams, with and without their wrapping.</summary>
internal static class UpstreamReplies
{
    public static readonly string TooLong = $"longer than {UpstreamCalls.BodyMax} bytes, which is what the mock gateway passes on at most";

    /// <summary>Gives a caller the headers of an upstream's answer; how long the body is says whoever sends it.</summary>
    public static void CopyHeaders(HttpResponse response, IHeaderDictionary headers)
    {
        foreach (var (name, values) in headers)
        {
            response.Headers[name] = values;
        }

        response.Headers.Remove(HeaderNames.ContentLength);
    }

    /// <summary>
    /// The answer unpacked and without the upstream's headers, so that it can be read or spoiled; an answer of the gateway's own as it is, and so is one that
    /// is packed in a way unknown here, or longer than <see cref="UpstreamCalls.BodyMax"/>.
    /// </summary>
    public static Reply Bare(this Reply reply)
    {
        if (reply.Headers is not { } headers)
        {
            return reply;
        }

        var coding = headers.ContentEncoding.ToString();
        return coding.Length == 0 ? reply with { Headers = null }
            : Unpacked(reply.Body, coding) is { } body ? reply with { Headers = null, Body = body }
            : reply;
    }

    /// <summary>What the gateway says itself when there is no answer of an upstream.</summary>
    public static Reply Failure(int httpStatus, string status, string detail) => new(
        status,
        JsonSerializer.SerializeToUtf8Bytes(
            new() { Title = ReasonPhrases.GetReasonPhrase(httpStatus), Status = httpStatus, Detail = detail },
            PassedJson.Default.ProblemDetails),
        [])
    {
        HttpStatus = httpStatus,
        ContentType = "application/problem+json",
    };

    private static byte[]? Unpacked(byte[] body, string coding)
    {
        using var packed = new MemoryStream(body);
        using Stream? unpacking = coding.ToUpperInvariant() switch
        {
            "GZIP" or "X-GZIP" => new GZipStream(packed, CompressionMode.Decompress),
            "DEFLATE" => new ZLibStream(packed, CompressionMode.Decompress),
            "BR" => new BrotliStream(packed, CompressionMode.Decompress),
            _ => null,
        };
        try
        {
            using var unpacked = new BoundedBody(UpstreamCalls.BodyMax);
            unpacking?.CopyTo(unpacked);
            return unpacking is null ? null : unpacked.ToArray();
        }
        catch (Exception e) when (e is InvalidDataException or IOException or InvalidOperationException)
        {
            return null;
        }
    }
}
