using System.Diagnostics;
using Polling.ServiceDefaults;

namespace Polling.AdminApi.Http;

/// <summary>One line a request in <c>access.log</c>: method, path, status, duration, trace. Query strings are left out: they name cards.</summary>
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
                var trace = Activity.Current?.TraceId.ToHexString() ?? "-";
                var request = context.Request;
                LogRequest(
                    logger, request.Method, request.Path, context.Response.StatusCode, Stopwatch.GetElapsedTime(started).TotalMilliseconds, trace);
            }
        });
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "{Method} {Path} {Status} {DurationMs:F1} ms trace {Trace}")]
    private static partial void LogRequest(ILogger logger, string method, PathString path, int status, double durationMs, string trace);
}
