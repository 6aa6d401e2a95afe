using Microsoft.AspNetCore.Http.HttpResults;
using Npgsql;
using Polling.AdminApi.AuditLog;
using Polling.Core.Cards.Import;

namespace Polling.AdminApi.Cards;

/// <summary><c>POST /api/admin/cards/import</c>: the format is in docs/cards-csv.md.</summary>
internal static partial class CardImportEndpoint
{
    public static async Task<Results<Ok<CardImportAnswer>, ProblemHttpResult>> ImportAsync(
        HttpRequest request,
        CardImporter importer,
        AuditTrail audit,
        TimeProvider clock,
        ILogger<CardImporter> logger,
        CancellationToken cancellationToken)
    {
        var started = clock.GetTimestamp();
        var report = new CardImportReport();
        try
        {
            await using var file = await CsvBody.OpenAsync(request, cancellationToken);
            await audit.RunAsync(
                new AuditedOperation("import", "card", null, new { request.ContentType, request.ContentLength }),
                async () =>
                {
                    await importer.ImportAsync(file, report, cancellationToken);
                    return report;
                },
                Counts, cancellationToken, () => Counts(report));
        }
        catch (ImportFormatException e)
        {
            return Problem(StatusCodes.Status400BadRequest, "This is no card file", e.Message, report, clock.GetElapsedTime(started));
        }
        catch (NpgsqlException e)
        {
            LogBrokeOff(logger, e, report.Rows, Kept(report));
            return Problem(
                StatusCodes.Status503ServiceUnavailable,
                "The database failed",
                "What was committed before stays; send the whole file again, it does no harm.",
                report,
                clock.GetElapsedTime(started));
        }
        catch (Exception e) when (e is IOException or OperationCanceledException)
        {
            // The client is gone, or sent half a file: BadHttpRequestException is an IOException too.
            LogBrokeOff(logger, e, report.Rows, Kept(report));
            return Problem(
                StatusCodes.Status400BadRequest,
                "The request broke off",
                $"{e.Message} What was committed before stays; send the whole file again, it does no harm.",
                report,
                clock.GetElapsedTime(started));
        }

        var answer = CardImportAnswer.Of(report, clock.GetElapsedTime(started));
        LogImported(logger, report.Rows, report.Added, report.Changed, report.Unchanged, report.Refused, answer.ElapsedMs);
        return TypedResults.Ok(answer);
    }

    private static AuditedResult Counts(CardImportReport report) =>
        new(new { report.Rows, report.Added, report.Changed, report.Unchanged, report.Refused });

    private static long Kept(CardImportReport report) => report.Added + report.Changed + report.Unchanged;

    private static ProblemHttpResult Problem(int status, string title, string detail, CardImportReport report, TimeSpan elapsed) =>
        TypedResults.Problem(
            statusCode: status,
            title: title,
            detail: detail,
            extensions: report.Rows == 0
                ? null
                : new Dictionary<string, object?> { ["done"] = CardImportAnswer.Of(report, elapsed) });

    [LoggerMessage(
        Level = LogLevel.Information,
        Message = "Cards imported: {Rows} rows, {Added} added, {Changed} changed, {Unchanged} unchanged, {Refused} refused, in {ElapsedMs} ms")]
    private static partial void LogImported(ILogger logger, long rows, long added, long changed, long unchanged, long refused, long elapsedMs);

    [LoggerMessage(Level = LogLevel.Warning, Message = "A card import broke off after {Rows} rows; the {Kept} cards committed before stay")]
    private static partial void LogBrokeOff(ILogger logger, Exception exception, long rows, long kept);
}
