using System.Diagnostics;
using Polling.Core.AuditLog;
using Polling.ServiceDefaults;

namespace Polling.AdminApi.Http;

/// <summary>One line a request in <c>access.log</c>: method, path, status, duration, caller; the file adds the trace. Query strings are left out: they name cards.</summary>
internal static partial class AccessLog
{
    private const string Category = "Polling.Access";

    public static void AddAccessLog(this WebApplicationBuilder builder) => builder.AddLogFile("access.log", Category);

    public static void UseAccessLog(this WebApplication app)
    {
        var logger = app.Services.GetRequiredService<ILoggerFactory>().CreateLogger(Category);
        app.Use(async (context, next) =>
        {
            var started = Stopwatch.GetTimestamp();
            try
            {
                await next(context);
            }
            finally
            {
                var request = context.Request;
                var elapsed = Stopwatch.GetElapsedTime(started);
                LogRequest(logger, request.Method, request.Path, context.Response.StatusCode, elapsed.TotalMilliseconds, context.User.Identity?.Name ?? AuditCallers.Nobody);
            }
        });
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "{Method} {Path} {Status} {DurationMs:F1} ms {Caller}")]
    private static partial void LogRequest(ILogger logger, string method, PathString path, int status, double durationMs, string caller);
}
