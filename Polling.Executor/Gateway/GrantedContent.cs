using System.Net;

namespace Polling.Executor.Gateway;

/// <summary>A request's content that looks at the request's grant before anything of it is sent.</summary>
/// <remarks>
/// <see cref="SocketsHttpHandler"/> asks for the content, were it of no bytes, when it has a connection, TLS included; with HTTP/1.1 and a head of less than 4 KB the head
/// still is in its buffer then and leaves with the content's first bytes or at its end. What is thrown here comes out of it as it is and ends the connection. A
/// ConnectCallback could not do it: a request may get the connection that another one opened.
/// </remarks>
internal sealed class GrantedContent : HttpContent
{
    private readonly HttpContent _content;
    private readonly AttemptGrant _grant;

    public GrantedContent(HttpContent content, AttemptGrant grant)
    {
        (_content, _grant) = (content, grant);
        foreach (var (name, values) in content.Headers.NonValidated)
        {
            Headers.TryAddWithoutValidation(name, values);
        }
    }

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) =>
        SerializeToStreamAsync(stream, context, CancellationToken.None);

    protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
    {
        await _grant.FreshenAsync(cancellationToken);
        await _content.CopyToAsync(stream, context, cancellationToken);
    }

    protected override bool TryComputeLength(out long length)
    {
        length = _content.Headers.ContentLength ?? 0;
        return _content.Headers.ContentLength is not null;
    }
}
