using System.Globalization;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Polling.AdminApi.Http;
using Polling.Core.Persistence;

namespace Polling.AdminApi.AuditLog;

internal static class AuditLogEndpoints
{
    public const int PageSizeMax = 1000;
    private const int TextLengthMax = 100;

    public static async Task<Results<Ok<AuditLogAnswer>, ProblemHttpResult>> ListAsync(
        HttpRequest request, PollingDbContext context, CancellationToken cancellationToken)
    {
        var parameters = new Parameters(request.Query);
        var caller = Word("caller");
        var action = Word("action");
        var subject = Word("subject");
        var subjectId = Word("subject_id");
        var from = parameters.Time("from");
        var to = parameters.Time("to");
        var before = parameters.Number("before_id", 1, long.MaxValue);
        var size = parameters.Number("page_size", 1, PageSizeMax) ?? 50;
        if (subjectId is not null && subject is null)
        {
            parameters.Refuse("subject", "", "given too, when subject_id is");
        }

        if (!parameters.AreValid)
        {
            return parameters.Problem();
        }

        var entries = context.AuditLog.AsNoTracking();
        entries = caller is null ? entries : entries.Where(entry => entry.Caller == caller);
        entries = action is null ? entries : entries.Where(entry => entry.Action == action);
        entries = subject is null ? entries : entries.Where(entry => entry.Subject == subject);
        entries = subjectId is null ? entries : entries.Where(entry => entry.SubjectId == subjectId);
        entries = from is null ? entries : entries.Where(entry => entry.At >= from);
        entries = to is null ? entries : entries.Where(entry => entry.At < to);
        entries = before is null ? entries : entries.Where(entry => entry.Id < before);

        // One more than the page tells whether there is a next one.
        var found = await entries.OrderByDescending(entry => entry.Id).Take(size + 1).ToListAsync(cancellationToken);
        var items = found.Take(size).Select(AuditEntryAnswer.Of).ToList();
        return TypedResults.Ok(new AuditLogAnswer(items, found.Count > size ? items[^1].Id : null));

        string? Word(string name) => parameters.Text(
            name, text => text.Length <= TextLengthMax && !text.Any(char.IsControl) ? text : null,
            string.Create(CultureInfo.InvariantCulture, $"1 to {TextLengthMax} characters"));
    }
}
