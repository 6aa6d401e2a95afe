using System.Globalization;
using System.Numerics;
using Microsoft.AspNetCore.Http.HttpResults;
using Polling.Core.Configuration;

namespace Polling.AdminApi.Http;

/// <summary>Reads a request's parameters and collects what is wrong with them, so that one answer names every mistake.</summary>
internal sealed class Parameters(IQueryCollection query)
{
    private const int ErrorsMax = 20;
    private readonly List<ParameterError> _errors = [];

    public bool AreValid => _errors.Count == 0;

    /// <summary>A whole number within bounds; null when the parameter is not there, or wrong.</summary>
    public T? Number<T>(string name, T min, T max)
        where T : struct, IBinaryInteger<T> => Raw(name) is { } text ? Number(name, text, min, max) : null;

    /// <inheritdoc cref="Number{T}(string, T, T)"/>
    public T? Number<T>(string name, string text, T min, T max)
        where T : struct, IBinaryInteger<T>
    {
        if (T.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var value) && value >= min && value <= max)
        {
            return value;
        }

        Refuse(name, text, $"an integer from {min} to {max}");
        return null;
    }

    /// <summary>A text that <paramref name="normalise"/> understands; null when the parameter is not there, or wrong.</summary>
    public string? Text(string name, Func<string, string?> normalise, string rule)
    {
        if (Raw(name) is not { } text)
        {
            return null;
        }

        if (normalise(text) is { } value)
        {
            return value;
        }

        Refuse(name, text, rule);
        return null;
    }

    /// <summary><c>true</c> or <c>false</c>; false when the parameter is not there, or wrong.</summary>
    public bool Flag(string name) =>
        Text(name, text => text is "true" or "false" ? text : null, "true or false") == "true";

    /// <summary>A time; null when the parameter is not there, or wrong.</summary>
    public DateTimeOffset? Time(string name)
    {
        if (Raw(name) is not { } text)
        {
            return null;
        }

        if (Times.TryParse(text, out var time))
        {
            return time;
        }

        Refuse(name, text, Times.Rule);
        return null;
    }

    /// <summary>The task type that the parameter names; null when it is not there, or wrong.</summary>
    public TaskType? TaskType(string name) => Raw(name) is { } text ? TaskType(name, text) : null;

    /// <summary>The task type of that name; null when there is none.</summary>
    public TaskType? TaskType(string name, string text)
    {
        if (TaskTypes.TryParse(text, out var type))
        {
            return type;
        }

        Refuse(name, text, $"one of {TaskTypes.Names}");
        return null;
    }

    /// <summary>Notes what is wrong; of very many mistakes the first ones.</summary>
    public void Refuse(string field, string value, string rule)
    {
        if (_errors.Count < ErrorsMax)
        {
            _errors.Add(new ParameterError(field, value.Length <= 100 ? value : $"{value[..100]}…", rule));
        }
    }

    /// <summary>The 400 that names field, value and rule of each mistake.</summary>
    public ProblemHttpResult Problem() => TypedResults.Problem(
        statusCode: StatusCodes.Status400BadRequest,
        title: "A parameter is wrong",
        detail: string.Join("; ", _errors.Select(error => $"{error.Field} is \"{error.Value}\", must be {error.Rule}")),
        extensions: new Dictionary<string, object?> { ["errors"] = _errors });

    private string? Raw(string name)
    {
        var values = query[name];
        if (values.Count > 1)
        {
            Refuse(name, values.ToString(), "given once");
            return null;
        }

        return string.IsNullOrWhiteSpace(values.ToString()) ? null : values.ToString().Trim();
    }
}
