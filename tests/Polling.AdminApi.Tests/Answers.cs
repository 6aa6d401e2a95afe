using System.Text.Json;

namespace Polling.AdminApi.Tests;

/// <summary>Short ways to read an answer.</summary>
internal static class Answers
{
    public static int Number(this JsonElement answer, string name) => answer.GetProperty(name).GetInt32();

    public static string? Text(this JsonElement answer, string name) => answer.GetProperty(name).GetString();

    /// <summary>The one mistake that a problem names.</summary>
    public static (string? Field, string? Value, string? Rule) Mistake(this JsonElement problem)
    {
        var error = Assert.Single(problem.GetProperty("errors").EnumerateArray());
        return (error.Text("field"), error.Text("value"), error.Text("rule"));
    }
}
