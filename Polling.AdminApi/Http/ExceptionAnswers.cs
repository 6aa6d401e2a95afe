using System.Text.Json;
using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.Mvc;
using Microsoft.EntityFrameworkCore;
using Npgsql;
using Polling.Core.Queue;
using StackExchange.Redis;

namespace Polling.AdminApi.Http;

/// <summary>Turns exceptions that mean something to the caller into problem details; others become a plain 500.</summary>
internal sealed class ExceptionAnswers(IProblemDetailsService problems) : IExceptionHandler
{
    public async ValueTask<bool> TryHandleAsync(HttpContext httpContext, Exception exception, CancellationToken cancellationToken)
    {
        var problem = exception switch
        {
            BadHttpRequestException { InnerException: JsonException json } => new ProblemDetails
            {
                Status = StatusCodes.Status400BadRequest,
                Title = "The body cannot be read",
                Detail = $"{json.Path ?? "$"}: {json.Message}",
            },
            BadHttpRequestException bad => new ProblemDetails { Status = bad.StatusCode, Title = "The request is wrong", Detail = bad.Message },
            QueueEpochChangedException => new ProblemDetails
            {
                Status = StatusCodes.Status503ServiceUnavailable,
                Title = "The queue is being set up",
                Detail = "Redis was started empty or has lost data; a scheduler sets it up within seconds. Try again then.",
            },
            // No row has a version that is compared: it can only be gone.
            DbUpdateConcurrencyException => new ProblemDetails
            {
                Status = StatusCodes.Status404NotFound,
                Title = "It is gone",
                Detail = "Another request has deleted it meanwhile; nothing was changed.",
            },
            _ when MissingTable(exception) is { } table => new ProblemDetails
            {
                Status = StatusCodes.Status503ServiceUnavailable,
                Title = "A table is missing",
                Detail = $"PostgreSQL says: {table}. Restore it from its backup; it is taken up within 10 s.",
            },
            _ when ApiSetup.IsOutage(exception) => new ProblemDetails
            {
                Status = StatusCodes.Status503ServiceUnavailable,
                Title = exception is RedisException or RedisTimeoutException ? "Redis does not answer" : "PostgreSQL does not answer",
                Detail = "Try again later; /health says when it is back.",
            },
            _ => null,
        };
        if (problem is null)
        {
            return false;
        }

        httpContext.Response.StatusCode = problem.Status!.Value;
        return await problems.TryWriteAsync(new ProblemDetailsContext
        {
            HttpContext = httpContext,
            ProblemDetails = problem,
            Exception = exception,
        });
    }

    // Operators drop a configuration table to restore it.
    private static string? MissingTable(Exception exception) =>
        (exception as PostgresException ?? exception.InnerException as PostgresException) is { SqlState: PostgresErrorCodes.UndefinedTable } missing
            ? missing.MessageText
            : null;
}
