using Microsoft.Extensions.Options;
using Npgsql;
using Polling.Core.Persistence.Suspensions;
using Polling.Scheduler.Passes;

namespace Polling.Scheduler.Suspensions;

/// <summary>
/// Asks for the resume of cards that we stopped and whose reason is gone: a new billing cycle, a top-up, a real name. One scheduler at a time; a
/// resume of a card's episode is asked for once.
/// </summary>
internal sealed partial class ResumePass(
    ResumeRequests resumes, NpgsqlDataSource postgres, IOptions<ResumeOptions> options, TimeProvider time, ILogger<ResumePass> logger)
    : SingletonPass(postgres, "resumes", time, logger)
{
    private const int PageSize = 500;
    private static readonly TimeSpan Busy = TimeSpan.FromMilliseconds(100);
    private long _cursor;
    private int _requested;

    protected override async Task<TimeSpan> RunHeldAsync(CancellationToken cancellation)
    {
        var page = await resumes.RequestAsync(_cursor, PageSize, Time.GetUtcNow(), TimeSpan.FromSeconds(options.Value.SpreadSeconds), cancellation);
        _requested += page.Requested;
        if (page.LastCardId is { } last)
        {
            _cursor = last;
            return Busy;
        }

        if (_requested > 0)
        {
            LogRequested(logger, _requested);
        }

        (_cursor, _requested) = (0, 0);
        return TimeSpan.FromSeconds(options.Value.EverySeconds);
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "自动复机: {Cards} cards are to be resumed, as their reason is gone")]
    private static partial void LogRequested(ILogger logger, int cards);
}
