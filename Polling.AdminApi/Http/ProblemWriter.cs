namespace Polling.AdminApi.Http;

/// <summary>
/// Writes problems to callers, too, whose <c>Accept</c> does not name JSON (a browser's address bar): the framework's writer declines then, and a
/// wrong body would end as a 500.
/// </summary>
internal sealed class ProblemWriter(IServiceProvider services) : IProblemDetailsWriter
{
    public bool CanWrite(ProblemDetailsContext context) => true;

    public ValueTask WriteAsync(ProblemDetailsContext context) =>
        services.GetServices<IProblemDetailsWriter>().First(writer => writer is not ProblemWriter).WriteAsync(context);
}
