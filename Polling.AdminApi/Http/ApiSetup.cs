using System.Text.Json;
using System.Text.Json.Serialization;
using Npgsql;
using Polling.Core.Persistence;
using StackExchange.Redis;

namespace Polling.AdminApi.Http;

/// <summary>What all endpoints share: JSON in snake_case, errors as problem details (RFC 9457).</summary>
internal static class ApiSetup
{
    public static void AddApi(this WebApplicationBuilder builder)
    {
        builder.Services.ConfigureHttpJsonOptions(options =>
        {
            options.SerializerOptions.PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower;
            options.SerializerOptions.DictionaryKeyPolicy = null;
            options.SerializerOptions.NumberHandling = JsonNumberHandling.Strict;
        });
        builder.Services.Configure<RouteHandlerOptions>(options => options.ThrowOnBadRequest = true);
        builder.Services.AddProblemDetails(options => options.CustomizeProblemDetails = ProblemCompletion.Complete);
        builder.Services.AddSingleton<IProblemDetailsWriter, ProblemWriter>();
        builder.Services.AddExceptionHandler<ExceptionAnswers>();
    }

    /// <summary>Gives every error a body: also an unknown path, a wrong method and what an endpoint throws.</summary>
    public static void UseProblemDetails(this WebApplication app)
    {
        app.UseExceptionHandler(new ExceptionHandlerOptions
        {
            // What is answered as the caller's mistake or a store's outage is no error of this program.
            SuppressDiagnosticsCallback = context => context.Exception is BadHttpRequestException,
        });
        app.UseStatusCodePages();
    }

    /// <summary>Whether the exception says that a store cannot be reached now.</summary>
    public static bool IsOutage(Exception exception) =>
        exception is RedisException or RedisTimeoutException
        || (exception as NpgsqlException ?? exception.InnerException as NpgsqlException) is { } postgres && (postgres.IsTransient || PostgresOutage.IsOne(postgres));
}
