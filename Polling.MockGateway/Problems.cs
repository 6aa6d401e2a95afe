namespace Polling.MockGateway;

/// <summary>RFC 9457 answers to bad input.</summary>
internal static class Problems
{
    public static IResult Field(string name, string sentence) => Fields([(name, sentence)]);

    public static IResult Fields(IEnumerable<(string Name, string Sentence)> errors)
    {
        var byName = errors.GroupBy(error => error.Name, StringComparer.Ordinal)
            .ToDictionary(group => group.Key, group => group.Select(error => error.Sentence).ToArray(), StringComparer.Ordinal);
        var first = byName.First();
        return TypedResults.ValidationProblem(byName, detail: $"{first.Key} {first.Value[0]}", title: "The request cannot be carried out.");
    }
}
