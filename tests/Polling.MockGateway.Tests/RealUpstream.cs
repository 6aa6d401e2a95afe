using System.Collections.Concurrent;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Logging;

namespace Polling.MockGateway.Tests;

/// <summary>A server of its own on a free port that keeps what it gets, to the letter, and answers as a test says.</summary>
internal sealed class RealUpstream : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly ConcurrentQueue<string> _requests = new();

    private RealUpstream(WebApplication app, Func<HttpContext, Task> answer)
    {
        _app = app;
        app.Run(async context =>
        {
            _requests.Enqueue(await TextOf(context));
            await answer(context);
        });
    }

    public string Address => _app.Urls.First();

    /// <summary>Request line, headers by name, and body of each request.</summary>
    public string[] Requests => [.. _requests];

    public static async Task<RealUpstream> StartAsync(Func<HttpContext, Task> answer)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        var upstream = new RealUpstream(builder.Build(), answer);
        await upstream._app.StartAsync();
        return upstream;
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private static async Task<string> TextOf(HttpContext context)
    {
        using var reader = new StreamReader(context.Request.Body);
        var text = new StringBuilder($"{context.Request.Method} {context.Features.Get<IHttpRequestFeature>()!.RawTarget}\n");
        foreach (var (name, value) in context.Request.Headers.OrderBy(header => header.Key, StringComparer.OrdinalIgnoreCase))
        {
            text.Append(name).Append(": ").Append(value).Append('\n');
        }

        return text.Append('\n').Append(await reader.ReadToEndAsync()).ToString();
    }
}
