using System.Text;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Net.Http.Headers;
using Polling.Core.Cards.Import;

namespace Polling.AdminApi.Cards;

/// <summary>Finds the CSV file in a request, as a stream: the body itself, or the file of a form.</summary>
internal static class CsvBody
{
    private const string Multipart = "multipart/form-data";

    // Besides text/csv, what browsers and tools call a CSV file when they do not know better.
    private static readonly string[] FileTypes =
        ["text/csv", "application/csv", "text/plain", "application/octet-stream", "application/vnd.ms-excel"];

    /// <exception cref="ImportFormatException">The request holds no CSV file; the message says how to send one.</exception>
    public static async Task<Stream> OpenAsync(HttpRequest request, CancellationToken cancellationToken)
    {
        if (!string.IsNullOrEmpty(request.Headers.ContentEncoding) && request.Headers.ContentEncoding != "identity")
        {
            throw new ImportFormatException($"Content-Encoding \"{request.Headers.ContentEncoding}\" is not understood; send the file unpacked");
        }

        var isParsed = MediaTypeHeaderValue.TryParse(request.ContentType, out var type);
        if (isParsed && string.Equals(type!.MediaType.Value, Multipart, StringComparison.OrdinalIgnoreCase))
        {
            return await FileOfFormAsync(request, type, cancellationToken);
        }

        if (!isParsed || !FileTypes.Contains(type!.MediaType.Value, StringComparer.OrdinalIgnoreCase))
        {
            throw new ImportFormatException(
                $"Content-Type is \"{request.ContentType}\"; send the file as text/csv "
                + "(curl --data-binary @cards.csv -H 'Content-Type: text/csv') or as a file in multipart/form-data (curl -F file=@cards.csv)");
        }

        if (type.Charset.HasValue && type.Encoding?.CodePage != Encoding.UTF8.CodePage)
        {
            throw new ImportFormatException($"charset is \"{type.Charset}\"; the file must be in utf-8");
        }

        return request.Body;
    }

    private static async Task<Stream> FileOfFormAsync(HttpRequest request, MediaTypeHeaderValue type, CancellationToken cancellationToken)
    {
        var boundary = HeaderUtilities.RemoveQuotes(type.Boundary).Value;
        if (string.IsNullOrEmpty(boundary))
        {
            throw new ImportFormatException($"{Multipart} lacks its boundary parameter");
        }

        try
        {
            var reader = new MultipartReader(boundary, request.Body);
            while (await reader.ReadNextSectionAsync(cancellationToken) is { } section)
            {
                if (section.GetContentDispositionHeader()?.IsFileDisposition() == true)
                {
                    return section.Body;
                }
            }
        }
        catch (Exception e) when (e is InvalidDataException || (e is IOException and not BadHttpRequestException))
        {
            throw new ImportFormatException($"the form cannot be read: {e.Message}");
        }

        throw new ImportFormatException("the form has no file; send it as a part with a filename (curl -F file=@cards.csv)");
    }
}
