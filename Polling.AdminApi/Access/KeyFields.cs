using Polling.AdminApi.Http;
using Polling.Core.Access;

namespace Polling.AdminApi.Access;

/// <summary>What a new key is to be, checked.</summary>
internal sealed class KeyFields
{
    private static readonly string ScopeRule = $"one of {ApiScopes.Names}";

    public string Name { get; private set; } = "";

    public ApiScope Scope { get; private set; }

    public DateTimeOffset? ExpiresAt { get; private set; }

    public static async Task<KeyFields> ReadAsync(HttpRequest request, Parameters parameters, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var body = await JsonBody.ReadAsync(request, parameters, [], ["name", "scope", "expires_at"], cancellationToken);
        var fields = new KeyFields();
        body.Require("name", ApiKey.NameRule);
        body.Require("scope", ScopeRule);
        body.Text("name", ApiKey.NameRule, fields.TakeName);
        body.Text("scope", ScopeRule, fields.TakeScope);
        body.TextOrNull("expires_at", $"{Times.Rule}, in the future; or null (never)", text => text is null || fields.TakeExpiry(text, now));
        return fields;
    }

    private bool TakeName(string text)
    {
        Name = text.Trim();
        return ApiKey.IsName(Name);
    }

    private bool TakeScope(string text)
    {
        Scope = ApiScopes.Find(text) ?? ApiScope.Read;
        return ApiScopes.Find(text) is not null;
    }

    private bool TakeExpiry(string text, DateTimeOffset now)
    {
        var isRight = Times.TryParse(text, out var time) && time > now;
        ExpiresAt = time;
        return isRight;
    }
}
