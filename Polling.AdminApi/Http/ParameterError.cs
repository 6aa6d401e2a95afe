namespace Polling.AdminApi.Http;

/// <summary>A parameter that breaks a rule, as problem details name it.</summary>
/// <param name="Field">The parameter's name.</param>
/// <param name="Value">What was sent, at most 100 characters.</param>
/// <param name="Rule">What would be right.</param>
internal sealed record ParameterError(string Field, string Value, string Rule);
