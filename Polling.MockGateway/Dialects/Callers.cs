namespace Polling.MockGateway.Dialects;

/// <summary>Who sends a request.</summary>
internal static class Callers
{
    /// <summary>The process, by its own account.</summary>
    public static string Of(HttpContext context) => context.Request.Headers["X-Polling-Caller"].ToString() is { Length: > 0 } caller ? caller : "unknown";

    /// <summary>The header Idempotency-Key; null: none.</summary>
    public static string? KeyOf(HttpContext context) => context.Request.Headers["Idempotency-Key"].ToString() is { Length: > 0 } key ? key : null;
}
