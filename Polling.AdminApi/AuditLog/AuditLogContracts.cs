using System.Text.Json;
using Polling.Core.AuditLog;

namespace Polling.AdminApi.AuditLog;

/// <summary>A change that somebody made.</summary>
/// <param name="Id">Id; later entries have higher ones.</param>
/// <param name="At">When.</param>
/// <param name="Caller">Name of the API key; "development" = anybody on the machine itself.</param>
/// <param name="RemoteAddress">Where the request came from.</param>
/// <param name="Action">create, update, delete, or an operation's word: trigger, cancel, reset, release, import, test.</param>
/// <param name="Subject">What was changed, such as polling_config.</param>
/// <param name="SubjectId">Which one.</param>
/// <param name="Before">The changed fields as they were.</param>
/// <param name="After">The changed fields as they are since; of an operation what was asked for.</param>
/// <param name="Outcome">done, failed, or begun: its end was not heard of.</param>
/// <param name="Result">What an operation came to.</param>
/// <param name="TraceId">Leads to the request in logs and traces.</param>
internal sealed record AuditEntryAnswer(
    long Id,
    DateTimeOffset At,
    string Caller,
    string? RemoteAddress,
    string Action,
    string Subject,
    string? SubjectId,
    JsonElement? Before,
    JsonElement? After,
    string Outcome,
    JsonElement? Result,
    string? TraceId)
{
    private static readonly string[] Outcomes = ["begun", "done", "failed"];

    public static AuditEntryAnswer Of(AuditEntry entry) => new(
        entry.Id, entry.At, entry.Caller, entry.RemoteAddress, entry.Action, entry.Subject, entry.SubjectId, Parsed(entry.Before), Parsed(entry.After),
        Outcomes[(int)entry.Outcome], Parsed(entry.Result), entry.TraceId);

    private static JsonElement? Parsed(string? json) => json is null ? null : JsonElement.Parse(json);
}

/// <summary>Entries, the newest first.</summary>
/// <param name="Items">Entries.</param>
/// <param name="NextBeforeId">The before_id of the next page; null = there is none.</param>
internal sealed record AuditLogAnswer(IReadOnlyList<AuditEntryAnswer> Items, long? NextBeforeId);
